// A certified OpenID provider where everybody signs in with any password: `login` is the subject and
// the address, which is verified unless it begins with "unverified".

import Provider from "oidc-provider";

const [port, back] = process.argv.slice(1).slice(-2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "zhiyin",
      client_secret: "a secret of the tests",
      redirect_uris: [back],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  cookies: { keys: ["of the tests"] },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: () => ({
      sub: login,
      name: login.split("@")[0],
      email: login,
      email_verified: !login.startsWith("unverified"),
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
