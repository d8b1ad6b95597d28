impl Chat {
    async fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        State(app): State<App>,
    ) -> Result<Self, Reject> {
        todo!()
    }
    async fn endpoint(
        path: &str,
        games: Games,
    ) -> Result<Option<Endpoint<Played>>, Reject> {
        todo!()
    }
    async fn message(&self, socket: &Socket, message: Message) {}
    fn later(&self, ack: AckSender) {}
    async fn other(&self, event: &Event) {}
    fn error(&self, error: &HandlerError) -> OnError {
        OnError::Close
    }
    async fn close(&mut self, reason: CloseReason) {}
    fn plain(&self) {}
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
        App: __private::PartOf<__S>,
        for<'__c> Games: __private::FromConnection<'__c, __S>,
        Played: __private::PartOf<__S>,
    {
        type Kept = ();
        async fn open(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<(Self, Self::Kept), __private::Reject> {
            __private::enter(cx);
            __private::Result::map(
                {
                    let opened = __private::handler_future(
                            Self::open(
                                <&Socket as __private::FromConnection<
                                    '_,
                                    __S,
                                >>::from_connection(cx),
                                <&ConnectionInfo as __private::FromConnection<
                                    '_,
                                    __S,
                                >>::from_connection(cx),
                                <State<
                                    App,
                                > as __private::FromConnection<
                                    '_,
                                    __S,
                                >>::from_connection(cx),
                            ),
                        )
                        .await;
                    __private::open_result(opened)
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
                "message" => {
                    let out = &__private::handler_future(
                            Self::message(
                                self,
                                <&Socket as __private::FromConnection<
                                    '_,
                                    __S,
                                >>::from_connection(cx.connection()),
                                <Message as __private::FromEvent<'_>>::from_event(cx),
                            ),
                        )
                        .await;
                    __private::answer(event, &*out)
                }
                "later" => {
                    let mut args = __private::Arguments::new(
                        event,
                        &__private::Signature {
                            params: &[],
                            form: __private::Form::Either,
                            surplus: __private::Surplus::Refuse,
                        },
                    )?;
                    args.finish()?;
                    __private::Result::Ok(
                        __private::reply_later(
                            Self::later(
                                self,
                                <AckSender as __private::FromEvent<'_>>::from_event(cx),
                            ),
                        ),
                    )
                }
                _ => {
                    let out = &__private::handler_future(
                            Self::other(
                                self,
                                <&Event as __private::FromEvent<'_>>::from_event(cx),
                            ),
                        )
                        .await;
                    __private::answer(event, &*out)
                }
            }
        }
        async fn error(
            &mut self,
            _: &Self::Kept,
            cx: &__private::Context<'_, __S>,
            error: &__private::HandlerError,
        ) -> __private::Option<__private::OnError> {
            let _ = (cx, error);
            __private::Option::Some(Self::error(self, error))
        }
        async fn close(
            &mut self,
            _: &Self::Kept,
            cx: &__private::Context<'_, __S>,
            reason: __private::CloseReason,
        ) {
            let _ = (cx, reason);
            __private::handler_future(Self::close(self, reason)).await
        }
    }
    #[automatically_derived]
    impl<__S> __private::Endpoints<__S> for Chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
        Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
        App: __private::PartOf<__S>,
        for<'__c> Games: __private::FromConnection<'__c, __S>,
        Played: __private::PartOf<__S>,
        Chat: __private::SocketConnection<__S>,
        ping::Ping: __private::SocketConnection<__S>,
        Room: __private::SocketConnection<__S>,
    {
        fn endpoints(table: &mut __private::EndpointTable<__S>) {
            let _ = &table;
            table.add::<Chat>("/chat");
            table.add::<ping::Ping>("/ping");
            table.add::<Room>("/room/{id}");
            table.choose::<Self>();
        }
        async fn endpoint(
            cx: &__private::Context<'_, __S>,
        ) -> __private::Result<
            __private::Option<__private::Endpoint<__S>>,
            __private::Reject,
        > {
            let _ = cx;
            __private::Result::Ok(
                __private::endpoint_with::<
                    Played,
                    __S,
                >(
                    {
                        let opened = __private::handler_future(
                                Self::endpoint(
                                    cx.socket().endpoint(),
                                    <Games as __private::FromConnection<
                                        '_,
                                        __S,
                                    >>::from_connection(cx),
                                ),
                            )
                            .await;
                        __private::open_result(opened)
                    }?,
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
                __private::contract::Event {
                    name: "later",
                    method: "later",
                    docs: "",
                    deprecated: __private::Option::None,
                    arguments: &[],
                    form: __private::contract::Form::Either,
                    answer: __private::Option::Some(__private::contract::Answer::Any),
                },
            ],
            other_events: true,
            client: __private::Option::None,
            endpoints: &[
                __private::contract::Endpoint {
                    path: "/chat",
                    connection: __private::describe::<Chat>,
                },
                __private::contract::Endpoint {
                    path: "/ping",
                    connection: __private::describe::<ping::Ping>,
                },
                __private::contract::Endpoint {
                    path: "/room/{id}",
                    connection: __private::describe::<Room>,
                },
            ],
        };
    }
};
