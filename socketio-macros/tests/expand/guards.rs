impl Chat {
    fn open(user: Guarded<User>) -> Self {
        Chat
    }
    fn ban(&self, by: Guarded<User>, name: String, role: Guarded<Role>) -> bool {
        true
    }
    #[cfg(left_out)]
    fn nothing(&self) {}
    fn other(&self, event: &Event) {}
    fn close(&mut self, user: Guarded<User>) {}
}
const _: () = {
    use ::socketio_core::__private;
    #[cfg(left_out)]
    type __Param3 = <nowhere as __private::EventGuard>::State;
    #[cfg(not(left_out))]
    type __Param3 = __private::Absent;
    #[automatically_derived]
    impl __private::OneSocketConnectionBlockPerType for Chat {}
    #[automatically_derived]
    impl<__S> __private::SocketConnection<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        logged_in: __private::EventGuard,
        auth::Ban: __private::EventGuard,
        Role<3>: __private::EventGuard,
        <logged_in as __private::EventGuard>::State: __private::FromRef<__S>,
        <auth::Ban as __private::EventGuard>::State: __private::FromRef<__S>,
        <Role<3> as __private::EventGuard>::State: __private::FromRef<__S>,
        __Param3: __private::FromRef<__S>,
    {
        type Kept = (
            (
                __private::Guarded<<logged_in as __private::EventGuard>::Value>,
                (__private::Guarded<<auth::Ban as __private::EventGuard>::Value>, ()),
            ),
            __private::Throttles<3usize>,
        );
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            let kept = (
                (
                    __private::guard_connection(&logged_in {}, cx).await?,
                    (__private::guard_connection(&auth::Ban(7), cx).await?, ()),
                ),
                __private::Throttles::new(),
            );
            __private::enter(cx);
            __private::Result::map(
                {
                    let guarded = &kept.0;
                    __private::Result::Ok(
                        Self::open(__private::give::<User, _, _>(&guarded)),
                    )
                },
                |opened| (opened, kept),
            )
        }
        async fn dispatch(
            &mut self,
            kept: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            let _ = kept;
            kept.1
                .take(
                    0usize,
                    __private::Rate {
                        count: 100u64,
                        nanoseconds: 60000000000u64,
                    },
                    event,
                )?;
            match event.name() {
                "ban" => {
                    kept.1
                        .take(
                            1usize,
                            __private::Rate {
                                count: 10u64,
                                nanoseconds: 500000000u64,
                            },
                            event,
                        )?;
                    let guarded = &kept.0;
                    let guarded = __private::guard_event_giving(
                            &Role::<3> {},
                            cx,
                            guarded,
                        )
                        .await?;
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "name",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_name = __private::required::<String>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "name",
                            (&__private::Checked(&arg_name)).verdict(),
                        )?;
                    }
                    let out = &Self::ban(
                        self,
                        __private::give::<User, _, _>(&guarded),
                        arg_name,
                        __private::give::<Role, _, _>(&guarded),
                    );
                    __private::answer(event, &*out)
                }
                #[cfg(left_out)]
                "nothing" => {
                    __private::guard_event(&nowhere {}, cx).await?;
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &Self::nothing(self);
                    __private::answer(event, &*out)
                }
                _ => {
                    kept.1
                        .take(
                            2usize,
                            __private::Rate {
                                count: 1u64,
                                nanoseconds: 1000000000u64,
                            },
                            event,
                        )?;
                    let out = &Self::other(
                        self,
                        <&Event as __private::FromEvent<'_>>::from_event(cx),
                    );
                    __private::answer(event, &*out)
                }
            }
        }
        async fn close(
            &mut self,
            kept: &Self::Kept,
            cx: &__private::Context<'_, __S>,
            reason: __private::CloseReason,
        ) {
            let _ = (cx, reason);
            let _ = kept;
            let guarded = &kept.0;
            Self::close(self, __private::give::<User, _, _>(&guarded))
        }
    }
    #[automatically_derived]
    impl<__S> __private::Endpoints<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        logged_in: __private::EventGuard,
        auth::Ban: __private::EventGuard,
        Role<3>: __private::EventGuard,
        <logged_in as __private::EventGuard>::State: __private::FromRef<__S>,
        <auth::Ban as __private::EventGuard>::State: __private::FromRef<__S>,
        <Role<3> as __private::EventGuard>::State: __private::FromRef<__S>,
        __Param3: __private::FromRef<__S>,
    {
        fn endpoints(table: &mut __private::EndpointTable<__S>) {
            let _ = &table;
        }
    }
    #[automatically_derived]
    impl __private::contract::Describe for Chat {
        const CONNECTION: __private::contract::Connection = __private::contract::Connection {
            name: "Chat",
            docs: "",
            events: &[
                __private::contract::Event {
                    name: "ban",
                    method: "ban",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("name"),
                            ty: __private::__type!("String", String),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("bool", bool),
                        ),
                    ),
                },
                #[cfg(left_out)]
                __private::contract::Event {
                    name: "nothing",
                    method: "nothing",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("()", ()),
                        ),
                    ),
                },
            ],
            other_events: true,
            client: __private::Option::None,
            endpoints: &[],
        };
    }
};
