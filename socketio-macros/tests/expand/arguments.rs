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
    fn hit(&self, id: u64) -> Answer<Hit> {
        todo!()
    }
    fn pairs<'a>(&'a self, (a, b): (i32, i32), raw: &'a RawValue, name: Cow<'a, str>) {}
}
const _: () = {
    use ::socketio_core::__private;
    #[automatically_derived]
    impl __private::OneSocketConnectionBlockPerType for Search {}
    #[automatically_derived]
    impl<__S> __private::SocketConnection<__S> for Search
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Search: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Kept = ();
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map(
                { __private::Result::Ok(__private::open_default::<Search>()) },
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
                "search" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "query",
                                    required: true,
                                },
                                __private::Param {
                                    name: "limit",
                                    required: false,
                                },
                                __private::Param {
                                    name: "from",
                                    required: false,
                                },
                                __private::Param {
                                    name: "order",
                                    required: false,
                                },
                                __private::Param {
                                    name: "kind",
                                    required: false,
                                },
                                __private::Param {
                                    name: "in",
                                    required: false,
                                },
                                __private::Param {
                                    name: "more",
                                    required: false,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_query = args.borrowed::<::core::primitive::str>()?;
                    let arg_limit = __private::optional::<u32>(&mut args)?;
                    let arg_from = __private::defaulted::<
                        u32,
                    >(&mut args, __private::default_value)?;
                    let arg_order = __private::defaulted::<
                        Order,
                    >(&mut args, || Order::Newest)?;
                    let arg_kind = args
                        .defaulted_borrowed::<::core::primitive::str>(|| "all")?;
                    let arg_place = args.optional_borrowed::<::core::primitive::str>()?;
                    let arg_more = __private::rest::<Term>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "order",
                            (&__private::Checked(&arg_order)).verdict(),
                        )?;
                        __private::valid(
                            event,
                            "more",
                            (&__private::Checked(&arg_more)).verdict(),
                        )?;
                    }
                    let out = __private::handler_future(
                            Self::find(
                                self,
                                <&Socket as __private::FromConnection<
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
                            surplus: __private::Surplus::Ignore,
                        },
                    )?;
                    let arg_a = __private::required::<i64>(&mut args)?;
                    let arg_b = __private::required::<i64>(&mut args)?;
                    args.finish()?;
                    let out = &Self::add(self, arg_a, arg_b);
                    __private::answer(event, &*out)
                }
                "hit" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "id",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Ignore,
                        },
                    )?;
                    let arg_id = __private::required::<u64>(&mut args)?;
                    args.finish()?;
                    let out = __private::Outcome(Self::hit(self, arg_id));
                    {
                        use __private::PlainOutcome as _;
                        __private::answer_result(
                            event,
                            out.into_result(),
                            |out| __private::answer(event, &*out),
                            |error| {
                                use __private::{
                                    ViaError as _, ViaNothing as _, ViaSerialize as _,
                                };
                                (&&__private::ErrorWire(error)).wire()
                            },
                        )
                    }
                }
                "pairs" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "1",
                                    required: true,
                                },
                                __private::Param {
                                    name: "raw",
                                    required: true,
                                },
                                __private::Param {
                                    name: "name",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Positional,
                            surplus: __private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = __private::required::<(i32, i32)>(&mut args)?;
                    let arg_raw = __private::required::<&'_ RawValue>(&mut args)?;
                    let arg_name = __private::required::<Cow<'_, str>>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "1",
                            (&__private::Checked(&arg_0)).verdict(),
                        )?;
                        __private::valid(
                            event,
                            "name",
                            (&__private::Checked(&arg_name)).verdict(),
                        )?;
                    }
                    let out = &Self::pairs(self, arg_0, arg_raw, arg_name);
                    __private::answer(event, &*out)
                }
                _ => __private::Result::Ok(__private::Reply::Unhandled),
            }
        }
    }
    #[automatically_derived]
    impl<__S> __private::Endpoints<__S> for Search
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Search: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn endpoints(table: &mut __private::EndpointTable<__S>) {
            let _ = &table;
        }
    }
    #[automatically_derived]
    impl __private::contract::Describe for Search {
        const CONNECTION: __private::contract::Connection = __private::contract::Connection {
            name: "Search",
            docs: "",
            events: &[
                __private::contract::Event {
                    name: "search",
                    method: "find",
                    docs: "Finds.",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("query"),
                            ty: __private::__type!(
                                "&str", & 'static ::core::primitive::str
                            ),
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
                            name: __private::Option::Some("from"),
                            ty: __private::__type!("u32", u32),
                            optional: true,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("order"),
                            ty: __private::__type!("Order", Order),
                            optional: true,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("kind"),
                            ty: __private::__type!(
                                "&str", & 'static ::core::primitive::str
                            ),
                            optional: true,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("in"),
                            ty: __private::__type!(
                                "&str", & 'static ::core::primitive::str
                            ),
                            optional: true,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("more"),
                            ty: __private::__type!("Term", Term),
                            optional: true,
                            rest: true,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!(
                                "Result<Vec<Hit>, SearchError>", Result < Vec < Hit >,
                                SearchError >
                            ),
                        ),
                    ),
                },
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
                __private::contract::Event {
                    name: "hit",
                    method: "hit",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("id"),
                            ty: __private::__type!("u64", u64),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("Answer<Hit>", Answer < Hit >),
                        ),
                    ),
                },
                __private::contract::Event {
                    name: "pairs",
                    method: "pairs",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::None,
                            ty: __private::__type!("(i32, i32)", (i32, i32)),
                            optional: false,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("raw"),
                            ty: __private::__type!("&'a RawValue", & 'static RawValue),
                            optional: false,
                            rest: false,
                        },
                        __private::contract::Argument {
                            name: __private::Option::Some("name"),
                            ty: __private::__type!("Cow<'a, str>", Cow < 'static, str >),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Positional,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!("()", ()),
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
