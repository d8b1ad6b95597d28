//! One room or several, as those calls take them that name rooms.

use std::borrow::Cow;
use std::sync::Arc;

use bytestring::ByteString;

use crate::id::SocketId;

/// One room or several: `"lobby"`, a `String`, an array, slice or `Vec` of such, or a [`SocketId`], whose room holds
/// that connection alone. All of them may be borrowed. An empty list is no room.
///
/// ```
/// # fn f(socket: &socketio_core::Socket, other: &socketio_core::Socket, of_user: &[String]) {
/// socket.join("lobby");
/// socket.join(["game", "spectators"]);
/// socket.join(of_user);
/// let room = format!("game {}", 7);
/// socket.to(&room).except(other.id()).emit("started", ()).ok();
/// # }
/// ```
///
/// Which types are one is up to this crate.
pub trait IntoRooms: sealed::Sealed {
    /// The rooms' names.
    fn into_rooms(self) -> impl Iterator<Item = ByteString>;
}

mod sealed {
    use bytestring::ByteString;

    pub trait Sealed {}

    /// Rooms that can be had without owning them.
    pub trait Rooms {
        fn rooms(&self) -> impl Iterator<Item = ByteString>;
    }
}

use sealed::{Rooms, Sealed};

/// Types that are the text of one room.
macro_rules! names {
    ($($name:ty),*) => {$(
        impl Rooms for $name {
            fn rooms(&self) -> impl Iterator<Item = ByteString> {
                std::iter::once(ByteString::from(&**self))
            }
        }
    )*};
}

names!(String, ByteString, Box<str>, Arc<str>, Cow<'_, str>);

impl Rooms for str {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.into())
    }
}

impl Rooms for SocketId {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.to_string().into())
    }
}

impl<T: Rooms> Rooms for [T] {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        self.iter().flat_map(T::rooms)
    }
}

impl<T: Rooms, const N: usize> Rooms for [T; N] {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        self.as_slice().rooms()
    }
}

impl<T: Rooms> Rooms for Vec<T> {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        self.as_slice().rooms()
    }
}

impl<T: Rooms + ?Sized> Rooms for &T {
    fn rooms(&self) -> impl Iterator<Item = ByteString> {
        (**self).rooms()
    }
}

impl<T: Rooms + ?Sized> Sealed for &T {}

impl<T: Rooms + ?Sized> IntoRooms for &T {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        self.rooms()
    }
}

impl Sealed for String {}

impl IntoRooms for String {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.into())
    }
}

impl Sealed for SocketId {}

impl IntoRooms for SocketId {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        std::iter::once(self.to_string().into())
    }
}

impl<T: IntoRooms, const N: usize> Sealed for [T; N] {}

impl<T: IntoRooms, const N: usize> IntoRooms for [T; N] {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        self.into_iter().flat_map(T::into_rooms)
    }
}

impl<T: IntoRooms> Sealed for Vec<T> {}

impl<T: IntoRooms> IntoRooms for Vec<T> {
    fn into_rooms(self) -> impl Iterator<Item = ByteString> {
        self.into_iter().flat_map(T::into_rooms)
    }
}
