/**
 * The two ways to let somebody in: a token for a person or a program, and an invitation for a host.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { Role } from "../../../cluster/token.ts";
import { client } from "../api.ts";
import { Action } from "../components/action.tsx";
import { Field, typed } from "../components/field.tsx";
import { shellWord } from "../shell_word.ts";
import type { ShownOnce } from "./secret.tsx";

const ROLES: Readonly<Record<Role, string>> = {
  viewer: "viewer: looks at everything, changes nothing",
  operator: "operator: changes services, replicas and nodes",
  admin: "admin: also makes and removes tokens",
};

interface Making {
  onMade: (shown: ShownOnce) => void;
}

export function CreateToken({ onMade }: Making) {
  const name = useSignal("");
  const role = useSignal<Role>("viewer");
  const services = useSignal("");
  const ttl = useSignal("");
  const patterns = services.value.split(/[\s,]+/).filter((pattern) => pattern !== "");
  const reset = () => {
    [name, services, ttl].forEach((field) => field.value = "");
    role.value = "viewer";
  };
  const body = (
    <>
      <Field label="Name" about="whom it is for, such as ada or ci">
        <input {...typed(name)} required autofocus />
      </Field>
      <Field label="Role">
        <select value={role.value} onChange={(event) => role.value = roleIn(event.currentTarget.value)}>
          {Object.entries(ROLES).map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      </Field>
      <Field label="Services" about="names, with * for any characters; left out: all">
        <input {...typed(services)} />
      </Field>
      <Field label="Ends after" about="such as 30d or 12h; left out: when it is removed">
        <input {...typed(ttl)} />
      </Field>
    </>
  );
  const command = [
    "controller token create",
    `--name ${name.value.trim() === "" ? "<name>" : shellWord(name.value.trim())}`,
    `--role ${role.value}`,
    ...patterns.map((pattern) => `--service ${shellWord(pattern)}`),
    ...ttl.value.trim() === "" ? [] : [`--ttl ${shellWord(ttl.value.trim())}`],
  ].join(" ");
  return (
    <Action
      label="New token"
      tone="primary"
      needs="admin"
      command={command}
      done="The token was made"
      onOpen={reset}
      ask={{ title: "A new token", confirm: "Make it", body, incomplete: name.value.trim() === "" }}
      run={async (options) => {
        const wanted = {
          name: name.value.trim(),
          role: role.value,
          ...patterns.length > 0 && { services: patterns },
          ...ttl.value.trim() !== "" && { ttl: ttl.value.trim() },
        };
        const { token } = await client.createToken({ body: wanted }, options);
        onMade({ title: `The token of ${wanted.name}`, secret: token, advice: "Send it to whom it is for." });
      }}
    />
  );
}

export function Invite({ onMade }: Making) {
  const ttl = useSignal("");
  return (
    <Action
      label="Invite a host"
      needs="admin"
      command={`controller join-token${ttl.value.trim() === "" ? "" : ` --ttl ${shellWord(ttl.value.trim())}`}`}
      done="The invitation was made"
      onOpen={() => ttl.value = ""}
      ask={{
        title: "Invite a host?",
        confirm: "Invite",
        body: (
          <>
            <p>Whoever has the join token makes one host a node of this cluster.</p>
            <Field label="Ends after" about="15 minutes unless said, such as 1h">
              <input {...typed(ttl)} />
            </Field>
          </>
        ),
      }}
      run={async (options) => {
        const body = ttl.value.trim() === "" ? {} : { ttl: ttl.value.trim() };
        const { token } = await client.createJoinToken({ body }, options);
        const advice = "On the new host, put it into a file and start the agent with --join-token-file.";
        onMade({ title: "The join token", secret: token, advice });
      }}
    />
  );
}

function roleIn(text: string): Role {
  return text === "operator" || text === "admin" ? text : "viewer";
}
