impl Chat {
    fn open(name: String) -> Self {
        Chat
    }
    fn hello(&self) {}
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }
}
::core::compile_error! {
    "there is no event in `#[on_open]`: what the client said is in `&ConnectionInfo` (`#[ctx]` marks a context parameter of your own)"
}
::core::compile_error! {
    "the event name must be a string literal: `#[event(\"hello\")]`"
}
const _: () = {
    use ::socketio_core::__private;
    #[automatically_derived]
    impl __private::OneSocketConnectionBlockPerType for Chat {}
    #[automatically_derived]
    impl<__S> __private::SocketConnection<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Kept = ();
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map({ __private::open_broken() }, |opened| (opened, ()))
        }
        async fn dispatch(
            &mut self,
            _: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            match event.name() {
                "add" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "a",
                                    required: true,
                                },
                                __private::Param {
                                    name: "b",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_a = __private::required::<i64>(&mut args)?;
                    let arg_b = __private::required::<i64>(&mut args)?;
                    args.finish()?;
                    let out = &Self::add(self, arg_a, arg_b);
                    __private::answer(event, &*out)
                }
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
                    name: "add",
                    method: "add",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("a"),
                            ty: __private::__type!("i64", i64),
                            optional: false,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("b"),
                            ty: __private::__type!("i64", i64),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("i64", i64),
                        ),
                    ),
                },
            ],
            other_events: false,
            client: __private::Option::None,
            endpoints: &[],
        };
    }
};
