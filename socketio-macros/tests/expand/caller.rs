impl Chat {
    /// Finds messages.
    #[cfg(all())]
    fn find(
        &self,
        text: String,
        limit: Option<u32>,
        exact: bool,
    ) -> Result<Vec<Hit>, Error> {
        todo!()
    }
    #[deprecated]
    fn put(&self, socket: &Socket, data: &[u8], names: Vec<String>, ack: AckSender) {
        todo!()
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
        async fn dispatch(
            &mut self,
            _: &Self::Kept,
            cx: &__private::EventContext<'_, __S>,
        ) -> __private::Result<__private::Reply, __private::HandlerError> {
            let event = cx.event();
            match event.name() {
                #[cfg(all())]
                "search" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "text",
                                    required: true,
                                },
                                __private::Param {
                                    name: "limit",
                                    required: false,
                                },
                                __private::Param {
                                    name: "exact",
                                    required: false,
                                },
                            ],
                            form: __private::Form::Keyword,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_text = __private::required::<String>(&mut args)?;
                    let arg_limit = __private::optional::<u32>(&mut args)?;
                    let arg_exact = __private::defaulted::<
                        bool,
                    >(&mut args, __private::default_value)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "text",
                            (&__private::Checked(&arg_text)).verdict(),
                        )?;
                    }
                    let out = Self::find(self, arg_text, arg_limit, arg_exact);
                    __private::answer_result(
                        event,
                        out,
                        |out| __private::answer(event, &*out),
                        |error| {
                            use __private::{
                                ViaError as _, ViaNothing as _, ViaSerialize as _,
                            };
                            (&&__private::ErrorWire(error)).wire()
                        },
                    )
                }
                #[allow(deprecated)]
                "put" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "data",
                                    required: true,
                                },
                                __private::Param {
                                    name: "names",
                                    required: false,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_data = args.borrowed::<[::core::primitive::u8]>()?;
                    let arg_names = __private::rest::<String>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "names",
                            (&__private::Checked(&arg_names)).verdict(),
                        )?;
                    }
                    __private::Result::Ok(
                        __private::reply_later(
                            Self::put(
                                self,
                                <&Socket as __private::FromConnection<
                                    '_,
                                    __S,
                                >>::from_connection(cx.connection()),
                                &arg_data,
                                arg_names,
                                <AckSender as __private::FromEvent<'_>>::from_event(cx),
                            ),
                        ),
                    )
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
                #[cfg(all())]
                __private::contract::Event {
                    name: "search",
                    method: "find",
                    docs: "Finds messages.",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("text"),
                            ty: __private::__type!("String", String),
                            optional: false,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("limit"),
                            ty: __private::__type!("u32", u32),
                            optional: true,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("exact"),
                            ty: __private::__type!("bool", bool),
                            optional: true,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Keyword,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!(
                                "Result<Vec<Hit>, Error>", Result < Vec < Hit >, Error >
                            ),
                        ),
                    ),
                },
                #[allow(deprecated)]
                __private::contract::Event {
                    name: "put",
                    method: "put",
                    docs: "",
                    deprecated: __private::Option::Some(""),
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("data"),
                            ty: __private::__type!(
                                "&[u8]", & 'static [::core::primitive::u8]
                            ),
                            optional: false,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("names"),
                            ty: __private::__type!("String", String),
                            optional: true,
                            rest: true,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(__private::contract::Answer::Any),
                },
            ],
            other_events: false,
            client: __private::Option::None,
            endpoints: &[],
        };
    }
};
///Calls the events of `Chat` from Rust: over a `Client`, or over what else carries calls.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
#[allow(dead_code)]
pub(crate) struct ChatCaller<__C = ::socketio_core::__private::client::Client>(__C);
#[automatically_derived]
impl<__C: ::socketio_core::__private::client::Calls> ::core::convert::From<__C>
for ChatCaller<__C> {
    fn from(calls: __C) -> Self {
        Self(calls)
    }
}
#[automatically_derived]
#[allow(dead_code, clippy::too_many_arguments)]
impl<__C: ::socketio_core::__private::client::Calls> ChatCaller<__C> {
    #[cfg(all())]
    /// Finds messages.
    pub(crate) fn find(
        &self,
        text: &::core::primitive::str,
        limit: ::socketio_core::__private::Option<u32>,
        exact: ::socketio_core::__private::Option<bool>,
    ) -> ::socketio_core::__private::ClientCall<'_, Vec<Hit>> {
        let args = ::socketio_core::__private::client::Arguments::new();
        let args = args.with("text", ::socketio_core::__private::client_argument(text));
        let args = args
            .with("limit", ::socketio_core::__private::client_argument(limit));
        let args = args
            .with("exact", ::socketio_core::__private::client_argument(exact));
        let args = args.encode(::socketio_core::__private::contract::Form::Keyword);
        ::socketio_core::__private::ClientCall::new(&self.0, "search", args)
    }
    #[allow(deprecated)]
    #[deprecated]
    ///Calls the event `put`.
    pub(crate) fn put(
        &self,
        data: &[u8],
        names: &[String],
    ) -> ::socketio_core::__private::ClientCall<
        '_,
        ::socketio_core::__private::client::Value,
    > {
        let args = ::socketio_core::__private::client::Arguments::new();
        let args = args.with("data", ::socketio_core::__private::client::bytes(data));
        let args = args.rest("names", ::socketio_core::__private::client_rest(names));
        let args = args.encode(::socketio_core::__private::contract::Form::Either);
        ::socketio_core::__private::ClientCall::new(&self.0, "put", args)
    }
}
