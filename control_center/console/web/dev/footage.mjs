// Live pictures and clips out of one fragmented MP4 (MOCK_FOOTAGE), looped, for the mock center.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const FRAGMENT_MS = 500;

function* boxes(bytes) {
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    yield { kind: bytes.toString("latin1", at + 4, at + 8), bytes: bytes.subarray(at, at + size) };
    at += size;
  }
}

export function loadFootage(path) {
  if (!path) return null;
  const file = readFileSync(path);
  const parts = [...boxes(file)];
  const init = Buffer.concat(parts.filter(({ kind }) => kind === "ftyp" || kind === "moov").map(({ bytes }) => bytes));
  const fragments = parts.flatMap(({ kind, bytes }, i) => (kind === "moof" ? [Buffer.concat([bytes, parts[i + 1].bytes])] : []));
  const avcC = init.indexOf("avcC") + 5;
  return { file, init, fragments, mime: `video/mp4; codecs="avc1.${init.toString("hex", avcC, avcC + 3)}"` };
}

/** The fragment with its decode time (tfdt, version 1) moved on. */
function shifted(fragment, by) {
  const copy = Buffer.from(fragment);
  const tfdt = copy.indexOf("tfdt") + 8;
  copy.writeBigUInt64BE(copy.readBigUInt64BE(tfdt) + by, tfdt);
  return copy;
}

const timeOf = (fragment) => fragment.readBigUInt64BE(fragment.indexOf("tfdt") + 8);

/** RFC 6455, server to client alone: opcode 1 text, 2 binary. */
function frame(opcode, payload) {
  const head = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(payload.length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (head.length === 2) head[1] = payload.length;
  else if (head.length === 4) (head[1] = 126), head.writeUInt16BE(payload.length, 2);
  else (head[1] = 127), head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

export function serveLive(request, socket, footage) {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.write(frame(1, Buffer.from(JSON.stringify({ mime: footage.mime, width: 640, height: 360 }))));
  socket.write(frame(2, footage.init));
  const step = footage.fragments.length > 1 ? timeOf(footage.fragments[1]) - timeOf(footage.fragments[0]) : 0n;
  const loop = timeOf(footage.fragments.at(-1)) + step;
  let n = 0;
  const timer = setInterval(() => {
    const round = BigInt(Math.floor(n / footage.fragments.length));
    socket.write(frame(2, shifted(footage.fragments[n % footage.fragments.length], round * loop)));
    n += 1;
  }, FRAGMENT_MS);
  socket.on("close", () => clearInterval(timer));
  socket.on("error", () => clearInterval(timer));
}
