impl Chat {
    #[cfg(feature = "auth")]
    fn open(State(users): State<Users>) -> Self {
        Chat
    }
    #[cfg(feature = "admin")]
    fn kick(&self, admin: Admin, #[cfg(feature = "reason")] reason: String) {}
    #[cfg(any(test, debug_assertions))]
    #[cfg(feature = "log")]
    fn log(&self, event: Event) {}
}
const _: () = {
    #[cfg(feature = "auth")]
    type __Param0 = Users;
    #[cfg(not(feature = "auth"))]
    type __Param0 = ::socketio_core::__private::Absent;
    #[cfg(feature = "admin")]
    type __Param1<'__c> = Admin;
    #[cfg(not(feature = "admin"))]
    type __Param1<'__c> = ::socketio_core::__private::Absent;
    #[automatically_derived]
    impl<__S> ::socketio_core::__private::SocketConnection<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        __Param0: ::socketio_core::__private::FromRef<__S>,
        for<'__c> __Param1<'__c>: ::socketio_core::__private::FromConnection<'__c, __S>,
    {
        #[cfg(feature = "auth")]
        async fn open(
            cx: &::socketio_core::__private::Context<'_, __S>,
        ) -> ::socketio_core::__private::Result<
            Self,
            ::socketio_core::__private::Reject,
        > {
            ::socketio_core::__private::Result::Ok(
                Self::open(
                    <State<
                        Users,
                    > as ::socketio_core::__private::FromConnection<
                        '_,
                        __S,
                    >>::from_connection(cx),
                ),
            )
        }
        #[cfg(not(feature = "auth"))]
        async fn open(
            cx: &::socketio_core::__private::Context<'_, __S>,
        ) -> ::socketio_core::__private::Result<
            Self,
            ::socketio_core::__private::Reject,
        > {
            let _ = cx;
            ::socketio_core::__private::Result::Ok(
                ::socketio_core::__private::open_default::<Chat>(),
            )
        }
        async fn dispatch(
            &mut self,
            cx: &::socketio_core::__private::EventContext<'_, __S>,
        ) -> ::socketio_core::__private::Result<
            ::socketio_core::__private::Reply,
            ::socketio_core::__private::HandlerError,
        > {
            let event = cx.event();
            match event.name() {
                #[cfg(feature = "admin")]
                "kick" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                #[cfg(feature = "reason")]
                                ::socketio_core::__private::Param {
                                    name: "reason",
                                    required: true,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Either,
                            surplus: ::socketio_core::__private::Surplus::Refuse,
                        },
                    )?;
                    #[cfg(feature = "reason")]
                    let arg_reason = ::socketio_core::__private::required::<
                        String,
                    >(&mut args)?;
                    args.finish()?;
                    let out = &Self::kick(
                        self,
                        <Admin as ::socketio_core::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx.connection()),
                        #[cfg(feature = "reason")]
                        arg_reason,
                    );
                    ::socketio_core::__private::answer(event, &*out)
                }
                #[cfg(any(test, debug_assertions))]
                #[cfg(feature = "log")]
                _ => {
                    let out = &Self::log(
                        self,
                        <Event as ::socketio_core::__private::FromEvent<
                            '_,
                        >>::from_event(cx),
                    );
                    ::socketio_core::__private::answer(event, &*out)
                }
                #[cfg(not(all(any(test, debug_assertions), feature = "log")))]
                _ => {
                    ::socketio_core::__private::Result::Ok(
                        ::socketio_core::__private::Reply::Unhandled,
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl ::socketio_core::__private::ConnectionType for Chat {}
    #[automatically_derived]
    impl<__S> ::socketio_core::__private::Endpoints<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        __Param0: ::socketio_core::__private::FromRef<__S>,
        for<'__c> __Param1<'__c>: ::socketio_core::__private::FromConnection<'__c, __S>,
    {
        fn endpoints(table: &mut ::socketio_core::__private::EndpointTable<__S>) {
            let _ = &table;
        }
    }
};
