// The public feed, heard from the broker itself over WebSocket where the server names one: what points do is seen on, also
// while the server is away or gives no events. It tells nobody's reservations, and nothing that a reservation rests on.

import { backoff } from "./backoff.js";
import { signal } from "./signal.js";

const FEED = "pontos/+/disponibilidade";
const CONNECT_MS = 10_000;
const KEEPALIVE_S = 60;

const url = document.querySelector('meta[name="recarga-broker"]')?.content ?? null;
const heard = signal();
const changed = signal();

/** `isLive`: whether the broker tells what points do. */
export const broker = { isLive: false };

/** Call `listener` with `{point, isRetained}` of every point that tells what it does. `isRetained`: it was told before we came. */
export const onPointHeard = (listener) => heard.listen(listener);

/** Call `listener` whenever `isLive` changes. */
export const onBroker = (listener) => changed.listen(listener);

/** Listen for as long as the page is open, if the server names a broker. */
export async function followBroker() {
  if (url === null) return;
  const { default: mqtt } = await import("../vendor/mqtt.esm.js"); // large: only where it is used
  const waits = backoff(1_000, 60_000);
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clientId: `recarga-web-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: waits.next(),
    resubscribe: false,
    timerVariant: "native", // its own would be a script that the page's policy forbids
  });
  client.on("connect", () => {
    waits.reset();
    client.subscribe(FEED, { qos: 0 }, (error, granted) => setLive(!error && granted.every(({ qos }) => qos < 128)));
  });
  client.on("close", () => {
    client.options.reconnectPeriod = waits.next();
    setLive(false);
  });
  client.on("error", () => {}); // closed it is as well, and tried again
  client.on("message", (topic, payload, packet) => {
    const point = read(topic, payload);
    if (point !== null) heard.tell({ point, isRetained: packet.retain });
  });
}

/** Return a point's state as lists have it, or null: nobody may speak for another's point, and not everybody speaks JSON. */
function read(topic, payload) {
  const id = topic.split("/")[1];
  try {
    const { type, node, subject, epoch, pointseq, data } = JSON.parse(payload.toString());
    const isOwn = subject === id && data.id === id && id.startsWith(`${node}.`);
    if (type !== "recarga.point.availability" || !isOwn || !isPoint(data) || !Number.isSafeInteger(epoch) || !Number.isSafeInteger(pointseq)) return null;
    return { ...data, node, witness: [epoch, pointseq], stale: false };
  } catch {
    return null;
  }
}

/** Whether there is all in it that lists rest on: one message must not end them. */
function isPoint({ name, status, currency, price_per_kwh_minor: price, max_power_w: power, location, terms }) {
  const areWords = [name, status, currency].every((each) => typeof each === "string");
  const areObjects = [location, terms].every((each) => typeof each === "object" && each !== null);
  return areWords && areObjects && Number.isFinite(price) && Number.isFinite(power);
}

function setLive(isLive) {
  if (broker.isLive === isLive) return;
  broker.isLive = isLive;
  changed.tell(broker);
}
