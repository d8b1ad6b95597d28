//! One room or several, as those calls take them that name rooms.

use bytestring::ByteString;

use crate::id::SocketId;

/// One room or several: `"lobby"`, a `String`, an array or `Vec` of such, or a [`SocketId`], whose room holds that
/// connection alone.
///
/// ```
/// # fn f(socket: &socketio_core::Socket, other: &socketio_core::Socket) {
/// socket.join("lobby");
/// socket.join(["game", "spectators"]);
/// let room = format!("game {}", 7);
/// socket.to(&room).except(other.id()).emit("started", ()).ok();
/// # }
/// ```
pub trait IntoRooms {
    /// The rooms' names.
    fn into_rooms(self) -> impl Iterator<Item = ByteString>;
}

impl<T: AsRef<str> + ?Sized> IntoRooms for &T {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.as_ref().into())
    }
}

impl IntoRooms for String {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.into())
    }
}

impl IntoRooms for &SocketId {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.to_string().into())
    }
}

impl IntoRooms for SocketId {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.to_string().into())
    }
}

impl<T: IntoRooms, const N: usize> IntoRooms for [T; N] {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        self.into_iter().flat_map(T::into_rooms)
    }
}

impl<T: IntoRooms> IntoRooms for Vec<T> {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        self.into_iter().flat_map(T::into_rooms)
    }
}
