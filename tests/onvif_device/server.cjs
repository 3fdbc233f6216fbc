// npm's `onvif` brings a device with canned answers for its own tests. This starts it on a free port of loopback and
// prints the port.
const dgram = require("node:dgram");
const events = require("node:events");
const http = require("node:http");

process.env.HOSTNAME = "127.0.0.1";
process.env.PORT = process.argv[2] ?? "0";

// Without a network there is no multicast to join; the device answers over HTTP all the same.
const join = dgram.Socket.prototype.addMembership;
dgram.Socket.prototype.addMembership = function (...group) {
  try {
    join.apply(this, group);
  } catch {
    console.error("no multicast here");
  }
};

// It would listen on every address of the machine.
const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function (port) {
  return listen.call(this, Number(port), "127.0.0.1");
};

// It looks for the request with regular expressions, which know one way to write an envelope, and its clock stands at a
// day of 2014. Requests are written in that way for it; and once somebody has set its clock, it tells the time.
const narrowed = (text) => {
  const body = /<([\w-]+):Body[^>]*>([\s\S]*)<\/\1:Body>/.exec(text)?.[2].trim() ?? "";
  const prefix = /^<([\w-]+):/.exec(body)?.[1];
  const declaration = new RegExp(`xmlns:${prefix}="([^"]*)"`);
  const declared = declaration.exec(body) ?? declaration.exec(text);
  if (!declared) return text;
  const bare = body.replaceAll(declared[0], "").replaceAll(`${prefix}:`, "");
  const request = bare.replace(/^<(\w+)/, `<$1 xmlns="${declared[1]}" `);
  const known = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body ${known}>${request}</s:Body></s:Envelope>`;
};
const onTime = (answer) => {
  const now = new Date();
  const parts = {
    Hour: now.getUTCHours(),
    Minute: now.getUTCMinutes(),
    Second: now.getUTCSeconds(),
    Year: now.getUTCFullYear(),
    Month: now.getUTCMonth() + 1,
    Day: now.getUTCDate(),
  };
  const put = (text, [name, value]) => text.replace(new RegExp(`(<tt:${name}>)\\d+`), `$1${value}`);
  return Object.entries(parts).reduce(put, answer);
};
let clockIsSet = false;
const createServer = http.createServer;
http.createServer = (listener) =>
  createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = narrowed(Buffer.concat(chunks).toString());
      clockIsSet ||= /<Set(NTP|SystemDateAndTime) /.test(text);
      const end = response.end.bind(response);
      response.end = (answer) => end(clockIsSet && answer?.includes("UTCDateTime") ? onTime(answer) : answer);
      const adapted = Object.assign(new events.EventEmitter(), { setEncoding: () => {} });
      listener(adapted, response);
      adapted.emit("data", text);
      adapted.emit("end");
    });
  });

require("coffeescript/register");
const { server } = require("onvif/test/serverMockup.coffee");
server.on("listening", () => console.log(server.address().port));
