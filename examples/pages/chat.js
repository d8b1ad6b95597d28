// The chat page, typed against what the server says: `chat.events.d.ts`, which `cargo run --bin chat -- --typescript`
// writes. `npm run chat` in `tests/clients` checks it and makes `chat.js` of it, which the page loads.
const WHY = {
    name_length: 'A name has 1 to 24 characters.',
    name_taken: 'Somebody here has that name already.',
    text_length: 'too long',
    not_joined: 'you are not in the room',
};
const TYPING_PAUSE = 3000; // ms without a key after which I no longer type
const TYPING_REPEAT = 2000; // ms after which I say again that I still do
const TYPING_EXPIRY = 5000; // ms after which others are taken to have stopped
const REJOIN_PAUSE = 2000; // ms between attempts to have my name back …
const REJOIN_ATTEMPTS = 45; // … for longer than the server takes to notice a lost connection
const MESSAGES_KEPT = 500;
/** An element by its id. */
function find(id, kind) {
    const [found] = byId(id);
    if (found instanceof kind)
        return found;
    throw new Error(`The page has no such #${id}`);
}
const door = find('door', HTMLFormElement);
const name = find('name', HTMLInputElement);
const joinButton = find('join', HTMLButtonElement);
const why = find('why', HTMLElement);
const room = find('room', HTMLElement);
const messages = find('messages', HTMLElement);
const typing = find('typing', HTMLElement);
const write = find('write', HTMLFormElement);
const text = find('text', HTMLTextAreaElement);
const send = find('send', HTMLButtonElement);
const people = find('people', HTMLElement);
let me = ''; // my name, from the first time that the server let me in
let present = false; // whether it knows me on this connection
let here = []; // the names of those in the room
let rejoining;
// ---- The connection ---------------------------------------------------------------------------
const socket = connect();
socket.on('connect', () => {
    joinButton.disabled = false;
    if (me)
        join(me); // a new connection is a stranger to the server
});
socket.on('disconnect', () => {
    if (present)
        notice('You are offline.');
    setPresent(false);
    joinButton.disabled = true;
    clearTimeout(rejoining);
    for (const bubble of messages.querySelectorAll('.pending'))
        failed(bubble, 'Perhaps not sent: the connection was lost');
});
// ---- Coming and going -------------------------------------------------------------------------
door.addEventListener('submit', event => {
    event.preventDefault();
    why.textContent = '';
    join(name.value);
});
function join(wanted, attempts = REJOIN_ATTEMPTS) {
    socket.emit('join', { name: wanted }, answer => {
        if (!('error' in answer))
            return welcome(answer);
        if (me && answer.error === 'name_taken' && attempts > 0) {
            // By the connection that was lost, most likely: the server has yet to find out.
            showStatus('', 'Coming back…');
            rejoining = setTimeout(() => join(wanted, attempts - 1), REJOIN_PAUSE);
            return;
        }
        showOnline(socket);
        me = '';
        showRoom(false);
        why.textContent = WHY[answer.error] ?? answer.error;
        name.select();
        name.focus();
    });
}
function welcome(answer) {
    notice(me ? 'You are back.' : `Welcome, ${answer.name}.`);
    showOnline(socket);
    me = answer.name;
    drawPeople(); // their names arrived before mine was known to be good
    text.maxLength = answer.text_max;
    setPresent(true);
    if (room.hidden) {
        showRoom(true);
        text.focus();
    }
}
function showRoom(shown) {
    room.hidden = !shown;
    door.hidden = shown;
}
function setPresent(now) {
    present = now;
    send.disabled = !now;
    room.classList.toggle('away', !now);
    typists.forEach((_, who) => setTyping(who, false));
}
socket.on('joined', who => notice(`${who} joined.`));
socket.on('left', who => {
    notice(`${who} left.`);
    setTyping(who, false);
});
socket.on('people', names => {
    here = names.sort((a, b) => a.localeCompare(b));
    drawPeople();
});
function drawPeople() {
    people.replaceChildren(...here.map(who => element('li', who === me ? 'me' : '', avatar(who), element('bdi', '', who))));
}
// ---- Messages ---------------------------------------------------------------------------------
write.addEventListener('submit', event => {
    event.preventDefault();
    const words = text.value.trim();
    if (!present || !words)
        return;
    text.value = '';
    stopTyping();
    const bubble = message({ from: me, text: words, at: Date.now() });
    bubble.classList.add('pending');
    socket.emit('say', words, answer => {
        if ('error' in answer)
            return failed(bubble, `Not sent: ${WHY[answer.error] ?? answer.error}`);
        bubble.classList.remove('pending');
        setTime(bubble, clock(answer.at));
    });
});
text.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        write.requestSubmit();
    }
});
socket.on('said', said => {
    message(said);
    setTyping(said.from, false);
});
function message({ from, text, at }) {
    const words = element('p', 'text', text);
    words.dir = 'auto';
    const bubble = element('li', 'message', avatar(from), element('div', 'about', element('bdi', '', from), element('time', '', clock(at))), words);
    const last = messages.lastElementChild instanceof HTMLElement ? messages.lastElementChild.dataset : {};
    bubble.dataset.from = from;
    bubble.dataset.at = String(at);
    bubble.classList.toggle('mine', from === me);
    bubble.classList.toggle('follow', last.from === from && at - Number(last.at) < 120_000);
    return show(bubble, from === me);
}
function failed(bubble, words) {
    bubble.classList.replace('pending', 'failed');
    setTime(bubble, words);
}
function setTime(bubble, words) {
    bubble.querySelector('time').textContent = words;
}
function notice(words) {
    show(element('li', 'notice', words), false);
}
// Follows the talk, unless its reader has scrolled back.
function show(item, always) {
    const follow = always || messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
    messages.append(item);
    if (messages.childElementCount > MESSAGES_KEPT)
        messages.firstElementChild?.remove();
    if (follow)
        messages.scrollTop = messages.scrollHeight;
    return item;
}
// ---- Typing -----------------------------------------------------------------------------------
let toldAt = 0; // when I last said that I type; 0: I don't
let pause;
const typists = new Map(); // who types, with the timer that ends it
text.addEventListener('input', () => {
    clearTimeout(pause);
    if (!present || !text.value.trim())
        return stopTyping();
    pause = setTimeout(stopTyping, TYPING_PAUSE);
    if (Date.now() - toldAt > TYPING_REPEAT) {
        toldAt = Date.now();
        socket.emit('typing', true);
    }
});
function stopTyping() {
    clearTimeout(pause);
    if (toldAt && present)
        socket.emit('typing', false);
    toldAt = 0;
}
socket.on('typing', setTyping);
function setTyping(who, on) {
    clearTimeout(typists.get(who));
    typists.delete(who);
    if (on)
        typists.set(who, setTimeout(setTyping, TYPING_EXPIRY, who, false));
    const names = [...typists.keys()];
    typing.textContent =
        names.length === 0 ? '' :
            names.length === 1 ? `${names[0]} is typing…` :
                names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : 'Several people are typing…';
}
// ---- Drawing ----------------------------------------------------------------------------------
function avatar(who) {
    const made = element('span', 'avatar', [...who].slice(0, 1).join().toUpperCase());
    const hue = [...who].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 360, 0);
    made.style.setProperty('--hue', String(hue));
    made.setAttribute('aria-hidden', 'true');
    return made;
}
function clock(at) {
    return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
export {};
