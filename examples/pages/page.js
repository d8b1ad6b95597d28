// What the example pages share: the connection and its state, and drawing.

'use strict';

/** Elements by their ids. */
const byId = (...ids) => ids.map(id => document.getElementById(id));

/** Shows the connection's state in the page's head; `state` is online, offline, or neither. */
function showStatus(state, words) {
  const [status] = byId('status');
  status.className = state;
  status.textContent = words;
}

addEventListener('load', () => window.io || showStatus('offline', 'The Socket.IO client did not load'));

// ---- The client: which it is, and what differs ------------------------------------------------

/** The generations of the client that a page can be opened with, and which one this page was. */
const CLIENTS = ['0.9', '2', '4'];
const CLIENT = document.documentElement.dataset.client;

/** Whether it is of Socket.IO 0.7 to 0.9. */
const isLegacy = CLIENT === '0.9';

/** What the client calls long polling, and all transports that it knows. */
const POLLING = isLegacy ? 'xhr-polling' : 'polling';
const TRANSPORTS = isLegacy ? window.io?.transports : ['polling', 'websocket'];

/** Tries again as long as it takes, at least every few seconds: options for either. */
const PATIENT = {
  'reconnection limit': 4000, 'max reconnection attempts': Infinity,
  reconnectionDelayMax: 4000,
};

const isConnected = socket => (isLegacy ? socket.socket : socket).connected;
const transportOf = socket => (isLegacy ? socket.socket : socket.io.engine).transport.name;
const sendJson = (socket, value) => (isLegacy ? socket.json : socket).send(value);

/** Opens a connection, or joins an endpoint; with `transports` among the options, over these only. */
function openSocket(url, options = {}) {
  // This client merges the option into its list, so only the list itself restricts.
  if (isLegacy) io.transports = options.transports ?? TRANSPORTS;
  return io.connect(url, options);
}

/**
 * Options by which a page says something about itself when it connects, a few strings: before 3.x in the
 * URL, which may be logged on the way.
 */
const introduce = values =>
  CLIENT === '4' ? {auth: values} :
  {query: isLegacy ? new URLSearchParams(values).toString() : values};

/** Sends an event only if it can go now, so that none is sent late: the older clients keep them. */
function emitVolatile(socket, ...event) {
  if (isConnected(socket)) (socket.volatile ?? socket).emit(...event);
}

/** Joins an endpoint again that was left. */
function rejoin(endpoint) {
  if (isLegacy) endpoint.packet({type: 'connect'});
  else endpoint.connect();
}

/** Ends a connection, whether it stands or not. */
function leave(socket) {
  // This client can't be stopped before it is connected.
  if (isLegacy && !isConnected(socket)) socket.on('connect', () => socket.disconnect());
  else socket.disconnect();
}

/** Shows what becomes of a connection until it stands, and why it does not. */
function watch(socket, show, refused) {
  let known = false;          // whether it has been connected
  socket.on('connect', () => known = true);
  // In 2.x a refusal is an error that is none of JavaScript's; since 3.0 the socket gives up.
  socket.on('error', why => why instanceof Error || refused(why));
  socket.on('connect_error', why => {
    if (socket.active === false) refused(why);
    else show('offline', known ? 'Offline, reconnecting…' : 'Can’t connect, trying again…');
  });
}

/** The same for the legacy client, which does not try its first connection again. */
function watchLegacy(socket, show, refused) {
  const client = socket.socket;
  socket.on('connecting', name => client.reconnecting || show('', `Connecting over ${name}…`));
  socket.on('connect_failed', () => {
    if (!client.reconnecting) show('offline', 'No transport gets through');
  });
  socket.on('error', why => {
    if (client.connected || client.reconnecting) return;
    // It says nothing more to one who was refused.
    if (client.connecting) return refused(why);
    show('offline', 'Can’t connect, trying again…');
    setTimeout(() => client.connect(), 3000);
  });
}

/** Links to this page with each client, at its end. */
function drawClients() {
  const links = CLIENTS.map(name => {
    const link = element('a', '', name);
    const query = new URLSearchParams(location.search);
    query.set('client', name);
    link.href = `?${query}`;
    if (name === CLIENT) link.setAttribute('aria-current', 'true');
    return link;
  });
  const [main] = document.getElementsByTagName('main');
  main.append(element('footer', '', element('span', '', 'Client: Socket.IO'), ...links));
}

// ---- The connection and its state -------------------------------------------------------------

/** Shows that the connection stands, and over what. */
function showOnline(socket, show = showStatus) {
  show('online', `Online over ${transportOf(socket)}`);
}

/**
 * Connects to the server, shows the connection's state, and tries again as long as it takes. `onConnect` is
 * called whenever it stands, and when it has changed to another transport, `onRefused` if the server won't have
 * it. Gives the client's socket.
 */
function connect(url, {show = showStatus, onConnect = () => {}, onRefused = () => {}, ...options} = {}) {
  const socket = openSocket(url, {...PATIENT, ...options});
  const online = () => {
    showOnline(socket, show);
    onConnect(socket);
  };
  socket.on('connect', () => {
    if (!isLegacy) socket.io.engine.once('upgrade', online);
    online();
  });
  socket.on('disconnect', reason =>
    show('offline', /^booted$|^io server/.test(reason) ? 'Closed' : 'Offline, reconnecting…'));
  (isLegacy ? watchLegacy : watch)(socket, show, why => {
    show('offline', `Refused: ${why.message ?? why}`);
    onRefused();
  });
  return socket;
}

/** The connection that `connectOver` made last. */
let inUse;

/**
 * Connects as `connect` does, over these transports only, in place of the connection in use, which ends.
 */
function connectOver(transports, onConnect) {
  const before = inUse;
  const socket = inUse = connect(undefined, {
    transports, 'force new connection': true,
    show: (...state) => socket === inUse && showStatus(...state),
    onConnect: () => socket === inUse && onConnect(socket),
  });
  if (before) leave(before);
  return socket;
}

/** Calls `ping` every second while the connection stands and the button, if there is one, has not paused it. */
function everySecond(socket, button, ping) {
  let paused = false;
  let timer;
  const set = on => {
    clearInterval(timer);
    if (!on || paused) return;
    ping();
    timer = setInterval(ping, 1000);
  };
  socket.on('connect', () => set(true));
  socket.on('disconnect', () => set(false));
  button?.addEventListener('click', () => {
    paused = !paused;
    button.textContent = paused ? 'Go on' : 'Pause';
    set(isConnected(socket));
  });
}

/** Makes an element. Strings become text, never HTML. */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Adds a line at the end of a list, which follows it unless its reader has scrolled back. */
function log(list, ...line) {
  const follow = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const item = element('li', '', ...line);
  list.append(item);
  if (list.childElementCount > 500) list.firstElementChild.remove();
  if (follow) list.scrollTop = list.scrollHeight;
  return item;
}

/** A figure that moves: the last value, a plot of the last sixty, and what all of them come to. */
class Gauge {
  static SHOWN = 60;

  /** Draws itself at the end of `parent`; `unit` follows its values. */
  constructor(parent, title, unit = '') {
    this.unit = unit;
    this.output = element('output', '', '–');
    this.scale = element('span', 'scale');
    this.sum = element('p', 'sum');
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', `0 0 ${Gauge.SHOWN} 1`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    [this.area, this.line] = ['area', 'line'].map(className => {
      const path = document.createElementNS(svg.namespaceURI, 'path');
      path.setAttribute('class', className);
      return svg.appendChild(path);
    });
    this.element = element('figure', 'gauge', element('figcaption', '', title),
      element('div', 'last', this.output, this.scale), svg, this.sum);
    parent.append(this.element);
    this.clear();
  }

  /** Forgets all values. */
  clear() {
    Object.assign(this, {values: [], count: 0, total: 0, best: Infinity, worst: 0});
    this.output.textContent = '–';
    this.sum.textContent = this.scale.textContent = '';
    for (const path of [this.area, this.line]) path.removeAttribute('d');
  }

  /** Takes in one more value, and shows `sum` below the plot, or else what all values come to. */
  add(value, sum) {
    this.values.push(value);
    if (this.values.length > Gauge.SHOWN) this.values.shift();
    this.count += 1;
    this.total += value;
    this.best = Math.min(this.best, value);
    this.worst = Math.max(this.worst, value);
    this.output.replaceChildren(figure(value), element('small', '', ` ${this.unit}`));
    this.sum.textContent = sum ?? this.summary();
    this.draw();
  }

  summary() {
    const figures = [this.best, this.total / this.count, this.worst].map(figure);
    return `best ${figures[0]} · mean ${figures[1]} · worst ${figures[2]} · ${this.count} in all`;
  }

  draw() {
    const top = roundUp(Math.max(...this.values));
    const from = Gauge.SHOWN - this.values.length;
    const steps = this.values.map((value, i) => `${1 - value / top}H${from + i + 1}`).join('V');
    this.scale.textContent = `${top} ${this.unit}`;
    this.line.setAttribute('d', `M${from} ${steps}`);
    this.area.setAttribute('d', `M${from} ${steps}V1H${from}Z`);
  }
}

/** A number with as many digits as tell something. */
function figure(value) {
  return value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0);
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value);
}

drawClients();
