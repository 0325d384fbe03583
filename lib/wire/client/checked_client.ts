/**
 * The controller's API as functions whose answers are parsed before anybody sees them: for the command line, which may
 * meet any version of the controller, and anything else behind the address that it was given.
 * @module
 */
import type * as z from "zod";
import { EventView } from "../api.ts";
import { CONTRACT } from "../contract/contract.ts";
import type { Operation } from "../contract/operation.ts";
import { rehearsalOf } from "../contract/rehearsal.ts";
import { type Asked, type Client, connect } from "./client.ts";
import type { Connection } from "./transport.ts";

export function connectChecked(connection: Connection): Client {
  return connect(connection, (asked, value) => {
    const schema = schemaOf(asked);
    return schema === undefined ? value : schema.parse(value);
  });
}

function schemaOf({ called, isRehearsal }: Asked): z.ZodType | undefined {
  if (called === "followEvents") return EventView;
  const operation: Operation = CONTRACT[called];
  return isRehearsal ? rehearsalOf(operation) : operation.answer.schema;
}
