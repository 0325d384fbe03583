import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { withoutSecrets } from "../../../lib/ingress/seen/without_secrets.ts";

const CASES: Readonly<Record<string, string>> = {
  "/plain": "/plain",
  "*": "*",
  "/?a=1&b=2": "/?a=1&b=2",
  "/?token=abc": "/?token=***",
  "/?token=abc&x=1": "/?token=***&x=1",
  "/?x=1&TOKEN=abc#f": "/?x=1&TOKEN=***#f",
  "/?key=1&password=2&secret=3&access_token=4&signature=5&sig=6&code=7":
    "/?key=***&password=***&secret=***&access_token=***&signature=***&sig=***&code=***",
  "/?api_key=1&apikey=2&apiKey=3&client-secret=4&user[password]=5&X-Amz-Signature=6":
    "/?api_key=***&apikey=***&apiKey=***&client-secret=***&user[password]=***&X-Amz-Signature=***",
  "/?%74oken=abc": "/?%74oken=***",
  "/?country_code=ch&zipcode=8000&monkey=1&tokens=3": "/?country_code=ch&zipcode=8000&monkey=1&tokens=3",
  "/?token=": "/?token=",
  "/?token=a=b?c": "/?token=***",
  "/;jsessionid=abc/x?y=1": "/;jsessionid=***",
  "/?next=/in?token=abc&z=1": "/?next=/in?token=***&z=1",
  "/?next=%2Fin%3Ftoken%3Dabc": "/?next=***",
  "/?next=%252Fin%253Ftoken%253Dabc&z=1": "/?next=***&z=1",
  "/?state=token%3Dabc": "/?state=***",
  "/?next=%2Fin%3Fx%3Dabc": "/?next=%2Fin%3Fx%3Dabc",
  "/?mail=a%40b.c": "/?mail=a%40b.c",
  "/?mail=a@b.c": "/?mail=a@b.c",
  "/@scope/package": "/@scope/package",
  "https://eve:pw@host/x": "https://host/x",
  "https://e@v:e@host/x?y=1": "https://host/x?y=1",
  "//eve:pw@host/": "//host/",
  "eve:pw@host:443": "host:443",
  "/?u=https://eve:pw@host/": "/?u=https://host/",
  "/?u=https%3A%2F%2Feve%3Apw%40host%2F": "/?u=***",
  "https://app/#access_token=abc": "https://app/#access_token=***",
};

for (const [address, expected] of Object.entries(CASES)) {
  Deno.test(`withoutSecrets() makes ${address} ${address === expected ? "stay" : `into ${expected}`}`, () => {
    assertEquals(withoutSecrets(address), expected);
  });
}

Deno.test("withoutSecrets() leaves nothing of a secret, wherever among other parameters it stands", () => {
  const plain = fc.stringMatching(/^[a-z]{1,5}=[a-z0-9%/?.]{0,8}$/).filter((text) => !/code|key|token/.test(text));
  const others = fc.array(plain, { maxLength: 4 });
  fc.assert(fc.property(others, others, fc.stringMatching(/^S[A-Z0-9=?/@:%]{3,9}S$/), (before, after, secret) => {
    const target = `/p?${[...before, `access_token=${secret}`, ...after].join("&")}`;
    assertEquals(withoutSecrets(target).includes(secret), false);
  }));
});

Deno.test("withoutSecrets() makes a second time no difference", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab?&;#=%@:/\\37Ftokenky") });
  fc.assert(fc.property(text, (address) => {
    const once = withoutSecrets(address);
    assertEquals(withoutSecrets(once), once);
  }));
});
