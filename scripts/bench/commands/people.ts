import { readFileSync } from "node:fs";
import { type Book, emptyBook, type Person } from "#device/gate/book.ts";

const NAMES = new URL("names.txt", import.meta.url);

/** A book of two hundred people whose names no dictionary has. Each has an account, and all may ring and leave messages. */
export function readPeople(): Book {
  const names = readFileSync(NAMES, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const people = names.map((name, at): Person => {
    const id = `person-${at}`;
    const grants = ["ring", "message"] as const;
    return { id, name, aliases: [], accounts: [id], numbers: [], addresses: [], grants, hours: [] };
  });
  return { ...emptyBook("owner", "GB", "Europe/London", () => ""), people };
}
