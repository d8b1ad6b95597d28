/// What the page understands.
pub trait ChatClient {
    /// Thanks somebody.
    fn thanks(&self, name: &str);
    fn new_message(
        &self,
        from: &Person,
        text: &str,
        room: Option<&str>,
        tags: Option<Vec<String>>,
    );
    fn moved(&self, x: Option<u16>, kind: Cow<'_, str>);
    #[cfg(feature = "pictures")]
    #[deprecated = "links are enough"]
    fn picture(&self, data: &[u8], of: &[Person]);
    fn confirm(
        &self,
        question: &str,
    ) -> impl ::core::future::Future<Output = bool> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn done(&self) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn half<T>(&self, of: T)
    where
        Self: ::core::marker::Sized;
}
::core::compile_error! {
    "nobody can choose `T` in a call over the wire; use a concrete type"
}
///The events of [`ChatClient`] on their way to clients: a call of a method sends one.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is sent before one of its methods is called"]
pub struct ChatClientCalls<T>(T);
#[automatically_derived]
#[allow(dead_code, clippy::too_many_arguments)]
impl<T: ::socketio_core::__private::Recipient> ChatClientCalls<T> {
    /// Thanks somebody.
    pub fn thanks(
        self,
        name: &str,
    ) -> ::socketio_core::__private::Result<(), ::socketio_core::__private::EmitError> {
        let arg_0 = name;
        ::socketio_core::__private::Recipient::emit(self.0, "thanks", arg_0)
    }
    ///Sends the event `new message`.
    pub fn new_message(
        self,
        from: &Person,
        text: &str,
        room: Option<&str>,
        tags: Option<Vec<String>>,
    ) -> ::socketio_core::__private::Result<(), ::socketio_core::__private::EmitError> {
        let arg_0 = ::socketio_core::__private::sent::<Person>(from);
        let arg_1 = text;
        let arg_2 = room;
        let arg_3 = tags
            .as_ref()
            .map(|value| ::socketio_core::__private::sent::<Vec<String>>(value));
        ::socketio_core::__private::Recipient::emit(
            self.0,
            "new message",
            (arg_0, arg_1, arg_2, arg_3),
        )
    }
    ///Sends the event `moved`.
    pub fn moved(
        self,
        x: Option<u16>,
        kind: Cow<'_, str>,
    ) -> ::socketio_core::__private::Result<(), ::socketio_core::__private::EmitError> {
        let arg_0 = x
            .as_ref()
            .map(|value| ::socketio_core::__private::sent::<u16>(value));
        let arg_1 = ::socketio_core::__private::sent::<Cow<'_, str>>(&kind);
        ::socketio_core::__private::Recipient::emit(
            self.0,
            "moved",
            ::socketio_core::__private::Kwargs::new()
                .with_optional("x", arg_0)
                .with("type", arg_1),
        )
    }
    #[cfg(feature = "pictures")]
    #[deprecated = "links are enough"]
    #[allow(deprecated)]
    ///Sends the event `picture`.
    pub fn picture(
        self,
        data: &[u8],
        of: &[Person],
    ) -> ::socketio_core::__private::Result<(), ::socketio_core::__private::EmitError> {
        let arg_0 = ::socketio_core::__private::Octets::new(data);
        let arg_1 = ::socketio_core::__private::sent::<[Person]>(of);
        ::socketio_core::__private::Recipient::emit(self.0, "picture", (arg_0, arg_1))
    }
    ///Sends the event `ask again`.
    pub fn confirm(self, question: &str) -> T::Ack<bool> {
        let arg_0 = question;
        ::socketio_core::__private::asked::<bool, T>(self.0, "ask again", arg_0)
    }
    ///Sends the event `done`.
    pub fn done(self) -> T::Ack<()> {
        ::socketio_core::__private::asked::<(), T>(self.0, "done", ())
    }
}
#[automatically_derived]
impl ::socketio_core::__private::ClientEvents for dyn ChatClient {
    const CLIENT: ::socketio_core::__private::contract::Client = ::socketio_core::__private::contract::Client {
        name: "ChatClient",
        docs: "What the page understands.",
        events: &[
            ::socketio_core::__private::contract::Event {
                name: "thanks",
                method: "thanks",
                docs: "Thanks somebody.",
                deprecated: ::socketio_core::__private::Option::None,
                arguments: &[
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("name"),
                        ty: ::socketio_core::__private::__type!("&str", & 'static str),
                        optional: false,
                        rest: false,
                    },
                ],
                form: ::socketio_core::__private::contract::Form::Positional,
                answer: ::socketio_core::__private::Option::None,
            },
            ::socketio_core::__private::contract::Event {
                name: "new message",
                method: "new_message",
                docs: "",
                deprecated: ::socketio_core::__private::Option::None,
                arguments: &[
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("from"),
                        ty: ::socketio_core::__private::__type!("Person", Person),
                        optional: false,
                        rest: false,
                    },
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("text"),
                        ty: ::socketio_core::__private::__type!("&str", & 'static str),
                        optional: false,
                        rest: false,
                    },
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("room"),
                        ty: ::socketio_core::__private::__type!("&str", & 'static str),
                        optional: true,
                        rest: false,
                    },
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("tags"),
                        ty: ::socketio_core::__private::__type!(
                            "Vec<String>", Vec < String >
                        ),
                        optional: true,
                        rest: false,
                    },
                ],
                form: ::socketio_core::__private::contract::Form::Positional,
                answer: ::socketio_core::__private::Option::None,
            },
            ::socketio_core::__private::contract::Event {
                name: "moved",
                method: "moved",
                docs: "",
                deprecated: ::socketio_core::__private::Option::None,
                arguments: &[
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("x"),
                        ty: ::socketio_core::__private::__type!("u16", u16),
                        optional: true,
                        rest: false,
                    },
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("type"),
                        ty: ::socketio_core::__private::__type!(
                            "Cow<'_, str>", Cow < 'static, str >
                        ),
                        optional: false,
                        rest: false,
                    },
                ],
                form: ::socketio_core::__private::contract::Form::Keyword,
                answer: ::socketio_core::__private::Option::None,
            },
            #[cfg(feature = "pictures")]
            ::socketio_core::__private::contract::Event {
                name: "picture",
                method: "picture",
                docs: "",
                deprecated: ::socketio_core::__private::Option::Some("links are enough"),
                arguments: &[
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("data"),
                        ty: ::socketio_core::__private::__type!("&[u8]", & 'static [u8]),
                        optional: false,
                        rest: false,
                    },
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("of"),
                        ty: ::socketio_core::__private::__type!(
                            "::std::vec::Vec<Person>", ::std::vec::Vec < Person >
                        ),
                        optional: false,
                        rest: false,
                    },
                ],
                form: ::socketio_core::__private::contract::Form::Positional,
                answer: ::socketio_core::__private::Option::None,
            },
            ::socketio_core::__private::contract::Event {
                name: "ask again",
                method: "confirm",
                docs: "",
                deprecated: ::socketio_core::__private::Option::None,
                arguments: &[
                    ::socketio_core::__private::contract::Argument {
                        name: ::socketio_core::__private::Option::Some("question"),
                        ty: ::socketio_core::__private::__type!("&str", & 'static str),
                        optional: false,
                        rest: false,
                    },
                ],
                form: ::socketio_core::__private::contract::Form::Positional,
                answer: ::socketio_core::__private::Option::Some(
                    ::socketio_core::__private::contract::Answer::Returned(
                        ::socketio_core::__private::__type!("bool", bool),
                    ),
                ),
            },
            ::socketio_core::__private::contract::Event {
                name: "done",
                method: "done",
                docs: "",
                deprecated: ::socketio_core::__private::Option::None,
                arguments: &[],
                form: ::socketio_core::__private::contract::Form::Positional,
                answer: ::socketio_core::__private::Option::Some(
                    ::socketio_core::__private::contract::Answer::Returned(
                        ::socketio_core::__private::__type!("()", ()),
                    ),
                ),
            },
        ],
    };
    type Calls<T: ::socketio_core::__private::Recipient> = ChatClientCalls<T>;
    fn calls<T: ::socketio_core::__private::Recipient>(to: T) -> ChatClientCalls<T> {
        ChatClientCalls(to)
    }
}
const _: () = {
    #[cfg(feature = "pictures")]
    type __Asked0<'__c> = ::std::vec::Vec<Person>;
    #[cfg(not(feature = "pictures"))]
    type __Asked0<'__c> = ();
    #[automatically_derived]
    #[allow(deprecated)]
    impl<__T> ::socketio_core::__private::ReceivedBy<__T> for dyn ChatClient
    where
        __T: ChatClient + ::core::marker::Sync,
        for<'__c> Person: ::socketio_core::__private::Received<'__c, __T>,
        for<'__c> Vec<String>: ::socketio_core::__private::Received<'__c, __T>,
        for<'__c> u16: ::socketio_core::__private::Received<'__c, __T>,
        for<'__c> Cow<'__c, str>: ::socketio_core::__private::Received<'__c, __T>,
        for<'__c> __Asked0<'__c>: ::socketio_core::__private::Received<'__c, __T>,
        for<'__c> bool: ::socketio_core::__private::Answered<__T>,
        for<'__c> (): ::socketio_core::__private::Answered<__T>,
    {
        async fn receive(
            client: &__T,
            event: &::socketio_core::__private::Event,
        ) -> ::socketio_core::__private::Result<
            ::socketio_core::__private::Reply,
            ::socketio_core::__private::HandlerError,
        > {
            match event.name() {
                "thanks" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                ::socketio_core::__private::Param {
                                    name: "name",
                                    required: true,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Positional,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = args.borrowed::<::core::primitive::str>()?;
                    args.finish()?;
                    <__T as ChatClient>::thanks(client, &arg_0);
                    ::socketio_core::__private::reply(event, &())
                }
                "new message" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                ::socketio_core::__private::Param {
                                    name: "from",
                                    required: true,
                                },
                                ::socketio_core::__private::Param {
                                    name: "text",
                                    required: true,
                                },
                                ::socketio_core::__private::Param {
                                    name: "room",
                                    required: false,
                                },
                                ::socketio_core::__private::Param {
                                    name: "tags",
                                    required: false,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Positional,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = <Person as ::socketio_core::__private::Received<
                        '_,
                        __T,
                    >>::required(&mut args)?;
                    let arg_1 = args.borrowed::<::core::primitive::str>()?;
                    let arg_2 = args.optional_borrowed::<::core::primitive::str>()?;
                    let arg_3 = <Vec<
                        String,
                    > as ::socketio_core::__private::Received<
                        '_,
                        __T,
                    >>::optional(&mut args)?;
                    args.finish()?;
                    <__T as ChatClient>::new_message(
                        client,
                        &arg_0,
                        &arg_1,
                        arg_2.as_deref(),
                        arg_3,
                    );
                    ::socketio_core::__private::reply(event, &())
                }
                "moved" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                ::socketio_core::__private::Param {
                                    name: "x",
                                    required: false,
                                },
                                ::socketio_core::__private::Param {
                                    name: "type",
                                    required: true,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Keyword,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = <u16 as ::socketio_core::__private::Received<
                        '_,
                        __T,
                    >>::optional(&mut args)?;
                    let arg_1 = <Cow<
                        '_,
                        str,
                    > as ::socketio_core::__private::Received<
                        '_,
                        __T,
                    >>::required(&mut args)?;
                    args.finish()?;
                    <__T as ChatClient>::moved(client, arg_0, arg_1);
                    ::socketio_core::__private::reply(event, &())
                }
                #[cfg(feature = "pictures")]
                "picture" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                ::socketio_core::__private::Param {
                                    name: "data",
                                    required: true,
                                },
                                ::socketio_core::__private::Param {
                                    name: "of",
                                    required: true,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Positional,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = args.borrowed::<[::core::primitive::u8]>()?;
                    let arg_1 = <::std::vec::Vec<
                        Person,
                    > as ::socketio_core::__private::Received<
                        '_,
                        __T,
                    >>::required(&mut args)?;
                    args.finish()?;
                    <__T as ChatClient>::picture(client, &arg_0, &arg_1);
                    ::socketio_core::__private::reply(event, &())
                }
                "ask again" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[
                                ::socketio_core::__private::Param {
                                    name: "question",
                                    required: true,
                                },
                            ],
                            form: ::socketio_core::__private::Form::Positional,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    let arg_0 = args.borrowed::<::core::primitive::str>()?;
                    args.finish()?;
                    let answer = <__T as ChatClient>::confirm(client, &arg_0).await;
                    <bool as ::socketio_core::__private::Answered<
                        __T,
                    >>::reply(&answer, event)
                }
                "done" => {
                    let mut args = ::socketio_core::__private::Arguments::new(
                        event,
                        &::socketio_core::__private::Signature {
                            params: &[],
                            form: ::socketio_core::__private::Form::Positional,
                            surplus: ::socketio_core::__private::Surplus::Ignore,
                        },
                    )?;
                    args.finish()?;
                    let answer = <__T as ChatClient>::done(client).await;
                    <() as ::socketio_core::__private::Answered<
                        __T,
                    >>::reply(&answer, event)
                }
                _ => {
                    ::socketio_core::__private::Result::Ok(
                        ::socketio_core::__private::Reply::Unhandled,
                    )
                }
            }
        }
    }
};
