impl Search {
    /// Finds.
    async fn find(
        &self,
        socket: &Socket,
        query: &str,
        limit: Option<u32>,
        from: u32,
        order: Order,
        kind: &str,
        place: Option<&str>,
        more: Vec<Term>,
    ) -> Result<Vec<Hit>, SearchError> {
        todo!()
    }
    fn add(&mut self, a: i64, b: i64) -> i64 {
        a + b
    }
    fn pairs<'a>(&'a self, (a, b): (i32, i32), raw: &'a RawValue, name: Cow<'a, str>) {}
}
#[automatically_derived]
impl<__S> ::socketio_core::__private::SocketConnection<__S> for Search
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Search: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    async fn open(
        cx: &::socketio_core::__private::Context<'_, __S>,
    ) -> ::socketio_core::__private::Result<Self, ::socketio_core::__private::Reject> {
        let _ = cx;
        ::socketio_core::__private::Result::Ok(
            ::socketio_core::__private::open_default::<Search>(),
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
            "search" => {
                let mut args = ::socketio_core::__private::Arguments::new(
                    event,
                    &::socketio_core::__private::Signature {
                        params: &[
                            ::socketio_core::__private::Param {
                                name: "query",
                                required: true,
                            },
                            ::socketio_core::__private::Param {
                                name: "limit",
                                required: false,
                            },
                            ::socketio_core::__private::Param {
                                name: "from",
                                required: false,
                            },
                            ::socketio_core::__private::Param {
                                name: "order",
                                required: false,
                            },
                            ::socketio_core::__private::Param {
                                name: "kind",
                                required: false,
                            },
                            ::socketio_core::__private::Param {
                                name: "in",
                                required: false,
                            },
                            ::socketio_core::__private::Param {
                                name: "more",
                                required: false,
                            },
                        ],
                        form: ::socketio_core::__private::Form::Either,
                        surplus: ::socketio_core::__private::Surplus::Refuse,
                    },
                )?;
                let arg_query = args.text()?;
                let arg_limit = ::socketio_core::__private::optional::<u32>(&mut args)?;
                let arg_from = ::socketio_core::__private::defaulted::<
                    u32,
                >(&mut args, ::socketio_core::__private::default_value)?;
                let arg_order = ::socketio_core::__private::defaulted::<
                    Order,
                >(&mut args, || Order::Newest)?;
                let arg_kind = ::socketio_core::__private::default_text(
                    &mut args,
                    || "all",
                )?;
                let arg_place = ::socketio_core::__private::optional_text(&mut args)?;
                let arg_more = ::socketio_core::__private::rest::<Term>(&mut args)?;
                args.finish()?;
                let out = ::socketio_core::__private::handler_future(
                        Self::find(
                            self,
                            <&Socket as ::socketio_core::__private::FromConnection<
                                '_,
                                __S,
                            >>::from_connection(cx.connection()),
                            &arg_query,
                            arg_limit,
                            arg_from,
                            arg_order,
                            &arg_kind,
                            arg_place.as_deref(),
                            arg_more,
                        ),
                    )
                    .await;
                ::socketio_core::__private::answer_result(
                    event,
                    out,
                    |out| ::socketio_core::__private::answer(event, &*out),
                    |error| {
                        use ::socketio_core::__private::{
                            ViaError as _, ViaNothing as _, ViaSerialize as _,
                        };
                        (&&::socketio_core::__private::ErrorWire(error)).wire()
                    },
                )
            }
            "add" => {
                let mut args = ::socketio_core::__private::Arguments::new(
                    event,
                    &::socketio_core::__private::Signature {
                        params: &[
                            ::socketio_core::__private::Param {
                                name: "a",
                                required: true,
                            },
                            ::socketio_core::__private::Param {
                                name: "b",
                                required: true,
                            },
                        ],
                        form: ::socketio_core::__private::Form::Either,
                        surplus: ::socketio_core::__private::Surplus::Ignore,
                    },
                )?;
                let arg_a = ::socketio_core::__private::required::<i64>(&mut args)?;
                let arg_b = ::socketio_core::__private::required::<i64>(&mut args)?;
                args.finish()?;
                let out = &Self::add(self, arg_a, arg_b);
                ::socketio_core::__private::answer(event, &*out)
            }
            "pairs" => {
                let mut args = ::socketio_core::__private::Arguments::new(
                    event,
                    &::socketio_core::__private::Signature {
                        params: &[
                            ::socketio_core::__private::Param {
                                name: "0",
                                required: true,
                            },
                            ::socketio_core::__private::Param {
                                name: "raw",
                                required: true,
                            },
                            ::socketio_core::__private::Param {
                                name: "name",
                                required: true,
                            },
                        ],
                        form: ::socketio_core::__private::Form::Positional,
                        surplus: ::socketio_core::__private::Surplus::Ignore,
                    },
                )?;
                let arg_0 = ::socketio_core::__private::required::<
                    (i32, i32),
                >(&mut args)?;
                let arg_raw = ::socketio_core::__private::required::<
                    &'_ RawValue,
                >(&mut args)?;
                let arg_name = ::socketio_core::__private::required::<
                    Cow<'_, str>,
                >(&mut args)?;
                args.finish()?;
                let out = &Self::pairs(self, arg_0, arg_raw, arg_name);
                ::socketio_core::__private::answer(event, &*out)
            }
            _ => {
                ::socketio_core::__private::Result::Ok(
                    ::socketio_core::__private::Reply::Unhandled,
                )
            }
        }
    }
}
#[automatically_derived]
impl ::socketio_core::__private::ConnectionType for Search {}
#[automatically_derived]
impl<__S> ::socketio_core::__private::Endpoints<__S> for Search
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Search: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn endpoints(table: &mut ::socketio_core::__private::EndpointTable<__S>) {
        let _ = &table;
    }
}
