/**
 * The controller's API as functions whose answers are parsed before anybody sees them: for the command line, which may
 * meet any version of the controller, and anything else behind the address that it was given.
 * @module
 */
import { EventView } from "../api.ts";
import type { CallName } from "../contract/calls.ts";
import { CONTRACT } from "../contract/contract.ts";
import type { Operation } from "../contract/operation.ts";
import { type Client, connect } from "./client.ts";
import type { Connection } from "./transport.ts";

export function connectChecked(connection: Connection): Client {
  return connect(connection, (name, value) => {
    const schema = name === "followEvents" ? EventView : answerOf(name).schema;
    return schema === undefined ? value : schema.parse(value);
  });
}

function answerOf(name: CallName): Operation["answer"] {
  return CONTRACT[name].answer;
}
