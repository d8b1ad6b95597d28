impl Chat {
    #[cfg(feature = "auth")]
    fn open(State(users): State<Users>) -> Self {
        Chat
    }
    #[cfg(feature = "games")]
    fn endpoint(path: &str) -> Option<Endpoint<Games>> {
        None
    }
    #[cfg(not(feature = "games"))]
    fn no_endpoint(info: &ConnectionInfo) -> Endpoint {
        Endpoint::of::<Nothing>()
    }
    #[cfg(feature = "admin")]
    #[allow(deprecated)]
    fn kick(&self, admin: Admin, #[cfg(feature = "reason")] reason: String) {}
    #[cfg(any(test, debug_assertions))]
    #[cfg(feature = "log")]
    fn log(&self, event: Event) {}
}
const _: () = {
    use ::socketio_core::__private;
    #[cfg(feature = "auth")]
    type __Param0 = Users;
    #[cfg(not(feature = "auth"))]
    type __Param0 = __private::Absent;
    #[cfg(feature = "games")]
    type __Param1 = Games;
    #[cfg(not(feature = "games"))]
    type __Param1 = __private::Absent;
    #[cfg(feature = "admin")]
    type __Param2<'__c> = Admin;
    #[cfg(not(feature = "admin"))]
    type __Param2<'__c> = __private::Absent;
    #[automatically_derived]
    impl __private::OneSocketConnectionBlockPerType for Chat {}
    #[automatically_derived]
    impl<__S> __private::SocketConnection<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        __Param0: __private::PartOf<__S>,
        __Param1: __private::PartOf<__S>,
        for<'__c> __Param2<'__c>: __private::FromConnection<'__c, __S>,
    {
        type Kept = ();
        #[cfg(feature = "auth")]
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map(
                {
                    __private::Result::Ok(
                        Self::open(
                            <State<
                                Users,
                            > as __private::FromConnection<'_, __S>>::from_connection(cx),
                        ),
                    )
                },
                |opened| (opened, ()),
            )
        }
        #[cfg(not(feature = "auth"))]
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map(
                { __private::Result::Ok(__private::open_default::<Chat>()) },
                |opened| (opened, ()),
            )
        }
        async fn dispatch(
            &mut self,
            _: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            match event.name() {
                #[cfg(feature = "admin")]
                #[allow(deprecated)]
                "kick" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                #[cfg(feature = "reason")]
                                __private::Param {
                                    name: "reason",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    #[cfg(feature = "reason")]
                    let arg_reason = __private::required::<String>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        #[cfg(feature = "reason")]
                        __private::valid(
                            event,
                            "reason",
                            (&__private::Checked(&arg_reason)).verdict(),
                        )?;
                    }
                    let out = &Self::kick(
                        self,
                        <Admin as __private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx.connection()),
                        #[cfg(feature = "reason")]
                        arg_reason,
                    );
                    __private::answer(event, &*out)
                }
                #[cfg(any(test, debug_assertions))]
                #[cfg(feature = "log")]
                _ => {
                    let out = &Self::log(
                        self,
                        <Event as __private::FromEvent<'_>>::from_event(cx),
                    );
                    __private::answer(event, &*out)
                }
                #[cfg(not(all(any(test, debug_assertions), feature = "log")))]
                _ => __private::Result::Ok(__private::Reply::Unhandled),
            }
        }
    }
    #[automatically_derived]
    impl<__S> __private::Endpoints<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        __Param0: __private::PartOf<__S>,
        __Param1: __private::PartOf<__S>,
        for<'__c> __Param2<'__c>: __private::FromConnection<'__c, __S>,
    {
        fn endpoints(table: &mut __private::EndpointTable<__S>) {
            let _ = &table;
            #[cfg(feature = "games")] table.choose::<Self>();
            #[cfg(not(feature = "games"))] table.choose::<Self>();
        }
        #[cfg(feature = "games")]
        async fn endpoint(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<
            __private::Option<__private::Endpoint<__S>>,
            __private::Reject,
        > {
            let _ = cx;
            __private::Result::Ok(
                __private::endpoint_with::<
                    Games,
                    __S,
                >(Self::endpoint(cx.socket().endpoint())),
            )
        }
        #[cfg(not(feature = "games"))]
        async fn endpoint(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<
            __private::Option<__private::Endpoint<__S>>,
            __private::Reject,
        > {
            let _ = cx;
            __private::Result::Ok(
                __private::endpoint_plain(
                    Self::no_endpoint(
                        <&ConnectionInfo as __private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                    ),
                ),
            )
        }
    }
    #[automatically_derived]
    impl __private::contract::Describe for Chat {
        const CONNECTION: __private::contract::Connection = __private::contract::Connection {
            name: "Chat",
            docs: "",
            events: &[
                #[cfg(feature = "admin")]
                #[allow(deprecated)]
                __private::contract::Event {
                    name: "kick",
                    method: "kick",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        #[cfg(feature = "reason")]
                        __private::contract::Argument {
                            name: __private::Option::Some("reason"),
                            ty: __private::__type!("String", String),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("()", ()),
                        ),
                    ),
                },
            ],
            other_events: ::core::cfg!(
                any(all(any(test, debug_assertions), feature = "log"))
            ),
            client: __private::Option::None,
            endpoints: &[],
        };
    }
};
