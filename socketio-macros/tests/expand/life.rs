impl Chat {
    async fn open(
        socket: &Socket,
        info: &ConnectionInfo,
        State(app): State<App>,
    ) -> Result<Self, Reject> {
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
#[automatically_derived]
impl<__S> ::socketio_core::__private::SocketConnection<__S> for Chat
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
    App: ::socketio_core::__private::FromRef<__S>,
{
    async fn open(
        cx: &::socketio_core::__private::Context<'_, __S>,
    ) -> ::socketio_core::__private::Result<Self, ::socketio_core::__private::Reject> {
        ::socketio_core::__private::open_result(
            ::socketio_core::__private::handler_future(
                    Self::open(
                        <&Socket as ::socketio_core::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                        <&ConnectionInfo as ::socketio_core::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                        <State<
                            App,
                        > as ::socketio_core::__private::FromConnection<
                            '_,
                            __S,
                        >>::from_connection(cx),
                    ),
                )
                .await,
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
            "message" => {
                let out = &::socketio_core::__private::handler_future(
                        Self::message(
                            self,
                            <&Socket as ::socketio_core::__private::FromConnection<
                                '_,
                                __S,
                            >>::from_connection(cx.connection()),
                            <Message as ::socketio_core::__private::FromEvent<
                                '_,
                            >>::from_event(cx),
                        ),
                    )
                    .await;
                ::socketio_core::__private::answer(event, &*out)
            }
            "later" => {
                let mut args = ::socketio_core::__private::Arguments::new(
                    event,
                    &::socketio_core::__private::Signature {
                        params: &[],
                        form: ::socketio_core::__private::Form::Either,
                        surplus: ::socketio_core::__private::Surplus::Refuse,
                    },
                )?;
                args.finish()?;
                ::socketio_core::__private::Result::Ok(
                    ::socketio_core::__private::reply_later(
                        Self::later(
                            self,
                            <AckSender as ::socketio_core::__private::FromEvent<
                                '_,
                            >>::from_event(cx),
                        ),
                    ),
                )
            }
            _ => {
                let out = &::socketio_core::__private::handler_future(
                        Self::other(
                            self,
                            <&Event as ::socketio_core::__private::FromEvent<
                                '_,
                            >>::from_event(cx),
                        ),
                    )
                    .await;
                ::socketio_core::__private::answer(event, &*out)
            }
        }
    }
    async fn error(
        &mut self,
        cx: &::socketio_core::__private::Context<'_, __S>,
        error: &::socketio_core::__private::HandlerError,
    ) -> ::socketio_core::__private::Option<::socketio_core::__private::OnError> {
        let _ = (cx, error);
        ::socketio_core::__private::Option::Some(Self::error(self, error))
    }
    async fn close(
        &mut self,
        cx: &::socketio_core::__private::Context<'_, __S>,
        reason: ::socketio_core::__private::CloseReason,
    ) {
        let _ = (cx, reason);
        ::socketio_core::__private::handler_future(Self::close(self, reason)).await
    }
}
#[automatically_derived]
impl ::socketio_core::__private::ConnectionType for Chat {}
#[automatically_derived]
impl<__S> ::socketio_core::__private::Endpoints<__S> for Chat
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
    App: ::socketio_core::__private::FromRef<__S>,
    Chat: ::socketio_core::__private::ConnectionType,
    Chat: ::socketio_core::__private::SocketConnection<__S>,
    ping::Ping: ::socketio_core::__private::ConnectionType,
    ping::Ping: ::socketio_core::__private::SocketConnection<__S>,
{
    fn endpoints(table: &mut ::socketio_core::__private::EndpointTable<__S>) {
        let _ = &table;
        table.add::<Chat>("/chat");
        table.add::<ping::Ping>("/ping");
    }
}
