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
#[automatically_derived]
impl<__S> ::socketio_core::__private::SocketConnection<__S> for Chat
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    async fn open(
        cx: &::socketio_core::__private::Context<'_, __S>,
    ) -> ::socketio_core::__private::Result<Self, ::socketio_core::__private::Reject> {
        let _ = cx;
        ::socketio_core::__private::open_broken()
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
                        surplus: ::socketio_core::__private::Surplus::Refuse,
                    },
                )?;
                let arg_a = ::socketio_core::__private::required::<i64>(&mut args)?;
                let arg_b = ::socketio_core::__private::required::<i64>(&mut args)?;
                args.finish()?;
                let out = &Self::add(self, arg_a, arg_b);
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
impl ::socketio_core::__private::ConnectionType for Chat {}
#[automatically_derived]
impl<__S> ::socketio_core::__private::Endpoints<__S> for Chat
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    Chat: ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn endpoints(table: &mut ::socketio_core::__private::EndpointTable<__S>) {
        let _ = &table;
    }
}
