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
#[automatically_derived]
impl<'s, T: Store, const N: usize, __S> crate::sio::__private::SocketConnection<__S>
for Chat<'s, T, N>
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat<'s, T, N>: ::core::marker::Send + ::core::marker::Sync + 'static,
    T::Item: Clone,
    Vec<T>: crate::sio::__private::FromRef<__S>,
    for<'__c> User<'__c>: crate::sio::__private::FromConnection<'__c, __S>,
{
    type Kept = ();
    async fn open(
        cx: &crate::sio::__private::Context<'_, __S>,
    ) -> crate::sio::__private::Result<
        (Self, Self::Kept),
        crate::sio::__private::Reject,
    > {
        crate::sio::__private::enter(cx);
        crate::sio::__private::Result::map(
            {
                crate::sio::__private::open_option(
                    Self::open(
                        <State<
                            Vec<T>,
                        > as crate::sio::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                        <User<
                            '_,
                        > as crate::sio::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                    ),
                )
            },
            |opened| (opened, ()),
        )
    }
    async fn dispatch(
        &mut self,
        _: &Self::Kept,
        cx: &crate::sio::__private::EventContext<'_, __S>,
    ) -> crate::sio::__private::Result<
        crate::sio::__private::Reply,
        crate::sio::__private::HandlerError,
    > {
        let event = cx.event();
        match event.name() {
            "put" => {
                let mut args = crate::sio::__private::Arguments::new(
                    event,
                    &crate::sio::__private::Signature {
                        params: &[
                            crate::sio::__private::Param {
                                name: "item",
                                required: true,
                            },
                        ],
                        form: crate::sio::__private::Form::Either,
                        surplus: crate::sio::__private::Surplus::Refuse,
                    },
                )?;
                let arg_item = crate::sio::__private::required::<T::Item>(&mut args)?;
                args.finish()?;
                {
                    use crate::sio::__private::{ViaNothingToSay as _, ViaValidate as _};
                    crate::sio::__private::valid(
                        event,
                        "item",
                        (&crate::sio::__private::Checked(&arg_item)).verdict(),
                    )?;
                }
                let out = crate::sio::__private::handler_future(
                        Self::put(self, arg_item),
                    )
                    .await;
                crate::sio::__private::answer_result(
                    event,
                    out,
                    |out| crate::sio::__private::answer(event, &*out),
                    |error| {
                        use crate::sio::__private::{
                            ViaError as _, ViaNothing as _, ViaSerialize as _,
                        };
                        (&&crate::sio::__private::ErrorWire(error)).wire()
                    },
                )
            }
            _ => {
                crate::sio::__private::Result::Ok(
                    crate::sio::__private::Reply::Unhandled,
                )
            }
        }
    }
}
#[automatically_derived]
impl<'s, T: Store, const N: usize> crate::sio::__private::ConnectionType
for Chat<'s, T, N>
where
    T::Item: Clone,
{}
#[automatically_derived]
impl<'s, T: Store, const N: usize, __S> crate::sio::__private::Endpoints<__S>
for Chat<'s, T, N>
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat<'s, T, N>: ::core::marker::Send + ::core::marker::Sync + 'static,
    T::Item: Clone,
    Vec<T>: crate::sio::__private::FromRef<__S>,
    for<'__c> User<'__c>: crate::sio::__private::FromConnection<'__c, __S>,
{
    fn endpoints(table: &mut crate::sio::__private::EndpointTable<__S>) {
        let _ = &table;
    }
}
#[automatically_derived]
impl<'s, T: Store, const N: usize> crate::sio::__private::contract::Describe
for Chat<'s, T, N>
where
    T::Item: Clone,
{
    const CONNECTION: crate::sio::__private::contract::Connection = crate::sio::__private::contract::Connection {
        name: "Chat",
        docs: "",
        events: &[
            crate::sio::__private::contract::Event {
                name: "put",
                method: "put",
                docs: "",
                deprecated: crate::sio::__private::Option::None,
                arguments: &[
                    crate::sio::__private::contract::Argument {
                        name: crate::sio::__private::Option::Some("item"),
                        ty: crate::sio::__private::__type!("T::Item", T::Item),
                        optional: false,
                        rest: false,
                    },
                ],
                form: crate::sio::__private::contract::Form::Either,
                answer: crate::sio::__private::Option::Some(
                    crate::sio::__private::contract::Answer::Returned(
                        crate::sio::__private::__type!(
                            "Result<(), T::Error>", Result < (), T::Error >
                        ),
                    ),
                ),
            },
        ],
        other_events: false,
        client: crate::sio::__private::Option::None,
        endpoints: &[],
    };
}
