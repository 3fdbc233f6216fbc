// A certified OpenID provider (npm: oidc-provider) with people that a test names. Its single argument is JSON:
// {host, port, clients: [client metadata], people: {sub: {claims}}}. It prints its issuer once it listens.
// Signing in is one form: POST /interaction/UID with `who`, a sub; an empty one is a person who says no.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider, { interactionPolicy } from "oidc-provider";

const { host = "127.0.0.1", port = 0, clients, people } = JSON.parse(process.argv[2]);

const key = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }),
  kid: `${alg}-${process.pid}`,
  use: "sig",
  alg,
});

// A native client may come back to any port of the loopback; it need not ask the person for that each time.
const policy = interactionPolicy.base();
policy.get("consent").checks.remove("native_client_prompt");

function configuration() {
  return {
    clients,
    jwks: {
      keys: [
        key("rsa", { modulusLength: 2048 }, "RS256"),
        key("rsa", { modulusLength: 2048 }, "PS256"),
        key("ec", { namedCurve: "P-256" }, "ES256"),
        key("ed25519", {}, "EdDSA"),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    cookies: { keys: ["a test needs no secret"] },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    // People are not asked whether Vedette may know their name.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
  };
}

async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

let provider;
const server = createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return provider.callback()(request, response);
  if (request.method !== "POST") {
    response.setHeader("Content-Type", "text/html");
    return response.end("<form method=post><input name=who></form>");
  }
  const who = (await bodyOf(request)).get("who");
  const said = who ? { login: { accountId: who } } : { error: "access_denied", error_description: "the person said no" };
  return provider.interactionFinished(request, response, said, { mergeWithLastSubmission: false });
});
server.listen(port, "127.0.0.1", () => {
  const issuer = `http://${host}:${server.address().port}`;
  provider = new Provider(issuer, configuration());
  console.log(issuer);
});
