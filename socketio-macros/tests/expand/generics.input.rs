#[socket_connection(crate = "crate::sio")]
impl<'s, T: Store, const N: usize> Chat<'s, T, N>
where
    T::Item: Clone,
{
    #[on_open]
    fn open(State(items): State<Vec<T>>, #[ctx] user: User<'_>) -> Option<Self> {
        None
    }

    #[event]
    async fn put(&mut self, item: T::Item) -> Result<(), T::Error> {
        Ok(())
    }
}
