impl<'s, T: Store, const N: usize> Chat<'s, T, N>
where
    T::Item: Clone,
{
    fn open(State(items): State<Vec<T>>, user: User<'_>) -> Option<Self> {
        None
    }
    async fn put(&mut self, item: T::Item) -> Result<(), T::Error> {
        Ok(())
    }
}
const _: () = {
    use crate::sio::__private;
    #[automatically_derived]
    impl<'s, T: Store, const N: usize> __private::OneSocketConnectionBlockPerType
    for Chat<'s, T, N>
    where
        T::Item: Clone,
    {}
    #[automatically_derived]
    impl<'s, T: Store, const N: usize, __S> __private::SocketConnection<__S>
    for Chat<'s, T, N>
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat<'s, T, N>: ::core::marker::Send + ::core::marker::Sync + 'static,
        T::Item: Clone,
        Vec<T>: __private::PartOf<__S>,
        for<'__c> User<'__c>: __private::FromConnection<'__c, __S>,
    {
        type Kept = ();
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map(
                {
                    __private::open_option(
                        Self::open(
                            <State<
                                Vec<T>,
                            > as __private::FromConnection<
                                '_,
                                __S,
                            >>::from_connection(cx),
                            <User<
                                '_,
                            > as __private::FromConnection<'_, __S>>::from_connection(cx),
                        ),
                    )
                },
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
                "put" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[
                                __private::Param {
                                    name: "item",
                                    required: true,
                                },
                            ],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    let arg_item = __private::required::<T::Item>(&mut args)?;
                    args.finish()?;
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::valid(
                            event,
                            "item",
                            (&__private::Checked(&arg_item)).verdict(),
                        )?;
                    }
                    let out = __private::handler_future(Self::put(self, arg_item)).await;
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
                _ => __private::Result::Ok(__private::Reply::Unhandled),
            }
        }
    }
    #[automatically_derived]
    impl<'s, T: Store, const N: usize, __S> __private::Endpoints<__S> for Chat<'s, T, N>
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat<'s, T, N>: ::core::marker::Send + ::core::marker::Sync + 'static,
        T::Item: Clone,
        Vec<T>: __private::PartOf<__S>,
        for<'__c> User<'__c>: __private::FromConnection<'__c, __S>,
    {
        fn endpoints(table: &mut __private::EndpointTable<__S>) {
            let _ = &table;
        }
    }
    #[automatically_derived]
    impl<'s, T: Store, const N: usize> __private::contract::Describe for Chat<'s, T, N>
    where
        T::Item: Clone,
    {
        const CONNECTION: __private::contract::Connection = __private::contract::Connection {
            name: "Chat",
            docs: "",
            events: &[
                __private::contract::Event {
                    name: "put",
                    method: "put",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[
                        __private::contract::Argument {
                            name: __private::Option::Some("item"),
                            ty: __private::__type!("T::Item", T::Item),
                            optional: false,
                            rest: false,
                        },
                    ],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(
                        __private::contract::Answer::Returned(
                            __private::__type!(
                                "Result<(), T::Error>", Result < (), T::Error >
                            ),
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
