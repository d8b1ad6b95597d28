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
impl __private::EventGuard for logged_in {
    type Value = User;
    type State = __private::And<Db, __private::And<Mail, __private::NoState>>;
    async fn check_event(
        &self,
        socket: &__private::Socket,
        event: &__private::Event,
        state: Self::State,
    ) -> __private::Result<Self::Value, __private::Reject> {
        let __private::And(state_1, __private::And(state_4, _)) = state;
        let cx = &__private::stateless(socket);
        let _ = cx;
        let given = __private::handler_future(
                logged_in(
                    <&'_ Socket as __private::FromConnection<
                        '_,
                        __private::NoState,
                    >>::from_connection(cx),
                    __private::State(state_1),
                    {
                        use __private::{ViaNothingToSay as _, ViaValidate as _};
                        __private::auth::<
                            Login,
                            __private::NoState,
                        >(cx, |auth| (&__private::Checked(auth)).verdict())?
                    },
                    event,
                    __private::State(state_4),
                ),
            )
            .await;
        __private::open_result(given)
    }
}
