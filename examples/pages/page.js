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

/** Shows that the connection stands, and over what. */
function showOnline(socket, show = showStatus) {
  show('online', `Online over ${socket.socket.transport.name}`);
}

/**
 * Connects to the server, shows the connection's state, and tries again as long as it takes. Gives the
 * client's socket.
 */
function connect(url = '', options = {}, show = showStatus) {
  const socket = io.connect(url, {
    'reconnection limit': 4000, 'max reconnection attempts': Infinity, ...options,
  });
  const client = socket.socket;
  socket.on('connecting', name => client.reconnecting || show('', `Connecting over ${name}…`));
  socket.on('connect', () => showOnline(socket, show));
  socket.on('disconnect', reason =>
    show('offline', reason === 'booted' ? 'Closed' : 'Offline, reconnecting…'));
  socket.on('connect_failed', () => {
    if (!client.reconnecting) show('offline', 'No transport gets through');
  });
  // The client reconnects by itself, but does not try its first connection again.
  socket.on('error', why => {
    if (client.connected || client.reconnecting) return;
    // It says nothing more to one who was refused.
    if (client.connecting) return show('offline', `Refused: ${why}`);
    show('offline', 'Can’t connect, trying again…');
    setTimeout(() => client.connect(), 3000);
  });
  return socket;
}

/** The connection that `connectOver` made last. */
let inUse;

/**
 * Connects as `connect` does, over these transports only, in place of the connection in use, which ends.
 * `onConnect` is called whenever the new one stands.
 */
function connectOver(transports, onConnect) {
  const before = inUse;
  // The option of this name is merged into this list, so only the list itself restricts.
  io.transports = transports;
  const socket = connect('', {'force new connection': true}, (...state) => socket === inUse && showStatus(...state));
  // One that is not connected yet can't be stopped before it is.
  socket.on('connect', () => socket === inUse ? onConnect(socket) : socket.disconnect());
  inUse = socket;
  if (before?.socket.connected) before.disconnect();
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
    set(socket.socket.connected);
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
