/// Lets people in.
#[cfg(all())]
pub(crate) async fn logged_in<'a>(
    socket: &'a Socket,
    State(db): State<Db>,
    Auth(login): Auth<Login>,
    event: &Event,
    State(mail): State<Mail>,
) -> Result<User, LoginError> {
    todo!()
}
#[cfg(all())]
///The guard that [`logged_in`](fn@logged_in) is.
#[allow(non_camel_case_types)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct logged_in {}
#[cfg(all())]
#[automatically_derived]
impl ::socketio_core::__private::EventGuard for logged_in {
    type Value = User;
    type State = ::socketio_core::__private::And<
        Db,
        ::socketio_core::__private::And<Mail, ::socketio_core::__private::NoState>,
    >;
    async fn check_event(
        &self,
        socket: &::socketio_core::__private::Socket,
        event: &::socketio_core::__private::Event,
        state: Self::State,
    ) -> ::socketio_core::__private::Result<
        Self::Value,
        ::socketio_core::__private::Reject,
    > {
        let ::socketio_core::__private::And(
            state_1,
            ::socketio_core::__private::And(state_4, _),
        ) = state;
        let cx = &::socketio_core::__private::stateless(socket);
        let _ = cx;
        let given = ::socketio_core::__private::handler_future(
                logged_in(
                    <&'_ Socket as ::socketio_core::__private::FromConnection<
                        '_,
                        ::socketio_core::__private::NoState,
                    >>::from_connection(cx),
                    ::socketio_core::__private::State(state_1),
                    {
                        use ::socketio_core::__private::{
                            ViaNothingToSay as _, ViaValidate as _,
                        };
                        ::socketio_core::__private::auth::<
                            Login,
                            ::socketio_core::__private::NoState,
                        >(
                            cx,
                            |auth| (&::socketio_core::__private::Checked(auth)).verdict(),
                        )?
                    },
                    event,
                    ::socketio_core::__private::State(state_4),
                ),
            )
            .await;
        ::socketio_core::__private::open_result(given)
    }
}
