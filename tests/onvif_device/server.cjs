// npm's `onvif` brings a device with canned answers for its own tests. This starts it on a free port of loopback and
// prints the port.
const dgram = require("node:dgram");
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

require("coffeescript/register");
const { server } = require("onvif/test/serverMockup.coffee");
server.on("listening", () => console.log(server.address().port));
