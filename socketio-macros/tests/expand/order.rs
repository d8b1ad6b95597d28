impl Chat {
    fn own(&self) {}
    async fn read(&self) {}
    async fn write(&self) {}
    async fn print(&self) {}
    #[cfg(feature = "search")]
    async fn search(&self) {}
    async fn rename(&mut self) {}
    fn message(&self) {}
    #[cfg(feature = "log")]
    fn log(&self) {}
    fn error(&self, error: &HandlerError) -> OnError {
        OnError::Ignore
    }
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
            __private::Result::map(
                { __private::Result::Ok(__private::open_default::<Chat>()) },
                |opened| (opened, ()),
            )
        }
        const ORDER: __private::Option<fn(&str) -> __private::Order> = __private::Option::Some(|
            event|
        match event {
            "own" => __private::Order::Queue(0usize),
            "read" => __private::Order::Queue(1usize),
            "store" => __private::Order::Queue(1usize),
            "print" => __private::Order::Queue(2usize),
            #[cfg(feature = "search")]
            "search" => __private::Order::Concurrent,
            "rename" => __private::Order::Alone,
            "message" => __private::Order::Queue(3usize),
            #[cfg(feature = "log")]
            _ => __private::Order::Concurrent,
            #[cfg(not(feature = "log"))]
            _ => __private::Order::Queue(0),
        });
        async fn dispatch(
            &mut self,
            _: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            match event.name() {
                "rename" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &__private::handler_future(Self::rename(self)).await;
                    __private::answer(event, &*out)
                }
                _ => __private::Result::Ok(__private::Reply::Unhandled),
            }
        }
        async fn dispatch_shared(
            &self,
            _: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            match event.name() {
                "own" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &Self::own(self);
                    __private::answer(event, &*out)
                }
                "read" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &__private::handler_future(Self::read(self)).await;
                    __private::answer(event, &*out)
                }
                "store" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &__private::handler_future(Self::write(self)).await;
                    __private::answer(event, &*out)
                }
                "print" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &__private::handler_future(Self::print(self)).await;
                    __private::answer(event, &*out)
                }
                #[cfg(feature = "search")]
                "search" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Keyword,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    let out = &__private::handler_future(Self::search(self)).await;
                    __private::answer(event, &*out)
                }
                "message" => {
                    let out = &Self::message(self);
                    __private::answer(event, &*out)
                }
                #[cfg(feature = "log")]
                _ => {
                    let out = &Self::log(self);
                    __private::answer(event, &*out)
                }
                #[cfg(not(feature = "log"))]
                _ => __private::Result::Ok(__private::Reply::Unhandled),
            }
        }
        async fn error_shared(
            &self,
            _: &Self::Kept,
            cx: &__private::Context<'_, __S>,
            error: &__private::HandlerError,
        ) -> __private::Option<__private::OnError> {
            let _ = (cx, error);
            __private::Option::Some(Self::error(self, error))
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
                    name: "own",
                    method: "own",
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
                __private::contract::Event {
                    name: "read",
                    method: "read",
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
                __private::contract::Event {
                    name: "store",
                    method: "write",
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
                __private::contract::Event {
                    name: "print",
                    method: "print",
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
                #[cfg(feature = "search")]
                __private::contract::Event {
                    name: "search",
                    method: "search",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[],
                    form: __private::contract::Form::Keyword,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("()", ()),
                        ),
                    ),
                },
                __private::contract::Event {
                    name: "rename",
                    method: "rename",
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
                __private::contract::Event {
                    name: "message",
                    method: "message",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: __private::MESSAGE,
                    form: __private::contract::Form::Positional,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("()", ()),
                        ),
                    ),
                },
            ],
            other_events: ::core::cfg!(any(feature = "log")),
            client: __private::Option::None,
            endpoints: &[],
        };
    }
};
