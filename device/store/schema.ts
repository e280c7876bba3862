import { BOOK_IN_PIECES } from "./schema-book.ts";

/**
 * What each version of the database adds to the one before: the n-th entry takes it from version n to n + 1. An entry
 * that was released is never edited; a new one is appended.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE book (
    owner TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    calling TEXT NOT NULL CHECK (calling IN ('on', 'off')),
    unknown TEXT NOT NULL CHECK (unknown IN ('hold', 'drop'))
  ) STRICT;

  -- Lists are JSON: they are read whole, at start, and validated then.
  CREATE TABLE person (
    position INTEGER PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES book (owner),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    accounts TEXT NOT NULL,
    grants TEXT NOT NULL,
    UNIQUE (owner, id)
  ) STRICT;

  CREATE TABLE block (
    owner TEXT NOT NULL REFERENCES book (owner),
    kind TEXT NOT NULL CHECK (kind IN ('person', 'account', 'unknown')),
    target TEXT NOT NULL,
    PRIMARY KEY (owner, kind, target)
  ) STRICT;

  -- 'fold' is what lines share that are counted as one; 'kept_out' 1 for verdicts that let nothing in.
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    fold TEXT,
    kept_out INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    what TEXT NOT NULL,
    account TEXT,
    act TEXT,
    because TEXT,
    by TEXT,
    detail TEXT,
    UNIQUE (owner, fold)
  ) STRICT;
  CREATE INDEX journal_by_class ON journal (owner, kept_out, id);

  CREATE TABLE call (
    owner TEXT NOT NULL,
    id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    account TEXT NOT NULL,
    direction TEXT NOT NULL,
    kind TEXT NOT NULL,
    heard INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
  ) STRICT, WITHOUT ROWID;

  -- An empty id stands for all of the sender's.
  CREATE TABLE seen (
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    keep_until_ms INTEGER NOT NULL,
    PRIMARY KEY (sender, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE certificate (account TEXT PRIMARY KEY, highest_seq INTEGER NOT NULL) STRICT;
  CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), floor_ms INTEGER NOT NULL) STRICT;
  `,
  `
  -- 'known' 1: the sender was in the book. Until when what was deleted from 'seen' was to be kept, at the latest.
  ALTER TABLE seen ADD COLUMN known INTEGER NOT NULL DEFAULT 0 CHECK (known IN (0, 1));
  CREATE TABLE forgotten (known INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT;
  DROP TABLE clock;
  `,
  `
  ALTER TABLE book ADD COLUMN kids INTEGER NOT NULL DEFAULT 0 CHECK (kids IN (0, 1));
  -- Null until the owner says otherwise: the unit's own.
  ALTER TABLE book ADD COLUMN region TEXT;
  ALTER TABLE book ADD COLUMN time_zone TEXT;
  ALTER TABLE book ADD COLUMN quiet_hours TEXT NOT NULL DEFAULT '[]';

  ALTER TABLE person ADD COLUMN numbers TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE person ADD COLUMN addresses TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE person ADD COLUMN hours TEXT NOT NULL DEFAULT '[]';

  -- SQLite cannot change a CHECK: the blocks move, in their order, to a table that allows the new kinds.
  CREATE TABLE block_of_more_kinds (
    owner TEXT NOT NULL REFERENCES book (owner),
    kind TEXT NOT NULL CHECK (kind IN ('person', 'account', 'number', 'prefix', 'withheld', 'unknown')),
    target TEXT NOT NULL,
    PRIMARY KEY (owner, kind, target)
  ) STRICT;
  INSERT INTO block_of_more_kinds SELECT owner, kind, target FROM block ORDER BY rowid;
  DROP TABLE block;
  ALTER TABLE block_of_more_kinds RENAME TO block;
  `,
  `
  -- The journal becomes a chain. 'details' is JSON. 'number' is null while a line is 'fold'ed and counts still, and of
  -- lines from before the chain. Salt and details are null once they were forgotten.
  ALTER TABLE journal RENAME TO journal_before;
  DROP INDEX journal_by_class;
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    strand TEXT NOT NULL CHECK (strand IN ('single', 'counted')),
    number INTEGER,
    fold TEXT,
    salt BLOB,
    details TEXT,
    commitment BLOB,
    hash BLOB,
    UNIQUE (owner, strand, number),
    UNIQUE (owner, fold)
  ) STRICT;
  INSERT INTO journal (id, owner, strand, details)
    SELECT id, owner, CASE kept_out WHEN 1 THEN 'counted' ELSE 'single' END, json_patch('{}', json_object(
      'atMs', at_ms, 'lastMs', last_ms, 'count', count, 'what', what, 'account', account, 'act', act,
      'because', because, 'by', by, 'detail', detail))
    FROM journal_before ORDER BY id;
  DROP TABLE journal_before;

  -- 'signed' is canonical CBOR, exactly as it was signed.
  CREATE TABLE journal_checkpoint (
    owner TEXT NOT NULL,
    seq INTEGER NOT NULL,
    signed BLOB NOT NULL,
    signature BLOB NOT NULL,
    certificate BLOB NOT NULL,
    PRIMARY KEY (owner, seq)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Whoever was deleted: keyed hashes, as JSON lists, of all that they had. 'blocked' 1: their block holds.
  CREATE TABLE deleted (
    owner TEXT NOT NULL REFERENCES book (owner),
    id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    accounts TEXT NOT NULL,
    numbers TEXT NOT NULL,
    addresses TEXT NOT NULL,
    names TEXT NOT NULL,
    PRIMARY KEY (owner, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Secrets of keys that are good for one day. 'day' counts from 1970-01-01 (UTC). A spent one-time key is deleted.
  CREATE TABLE day_key (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    day INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('one-time', 'fallback')),
    seed BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX day_key_by_day ON day_key (day);

  -- The public halves, signed, exactly as they go to the hub.
  CREATE TABLE day_key_batch (
    account TEXT NOT NULL,
    day INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (account, day)
  ) STRICT;
  CREATE TABLE day_key_upload (account TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;
  `,
  `
  -- A message has its row from its first part on. The same id with another 'hash' is another until one is complete.
  CREATE TABLE inbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    origin TEXT,
    at_ms INTEGER NOT NULL,
    arrived_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('voice', 'text')),
    duration_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    text TEXT,
    standing TEXT NOT NULL CHECK (standing IN ('new', 'heard', 'saved')),
    heard_ms INTEGER,
    shelf TEXT NOT NULL CHECK (shelf IN ('inbox', 'requests', 'evidence')),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    signed BLOB NOT NULL,
    cert BLOB NOT NULL,
    sig BLOB NOT NULL,
    UNIQUE (owner, sender, id, hash)
  ) STRICT;
  CREATE TABLE inbox_part (
    message INTEGER NOT NULL REFERENCES inbox (position),
    part INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (message, part)
  ) STRICT;

  -- What the owner said may go. 'sealed_ms' is null until it is sealed; a parcel is 'accepted' once the hub has it.
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    addressee TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('voice', 'text')),
    duration_ms INTEGER NOT NULL,
    text TEXT,
    sound BLOB,
    sealed_ms INTEGER,
    UNIQUE (owner, id)
  ) STRICT;
  CREATE TABLE outbox_parcel (
    message INTEGER NOT NULL REFERENCES outbox (position),
    part INTEGER NOT NULL,
    frame TEXT NOT NULL,
    parcel BLOB NOT NULL,
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    UNIQUE (message, part)
  ) STRICT;

  -- What blocked people send: kept out of sight as evidence, or dropped; and whether what is passed on without a sign of
  -- who said it is let in.
  ALTER TABLE book ADD COLUMN evidence TEXT NOT NULL DEFAULT 'drop' CHECK (evidence IN ('keep', 'drop'));
  ALTER TABLE book ADD COLUMN unverified_origin TEXT NOT NULL DEFAULT 'drop'
    CHECK (unverified_origin IN ('admit', 'drop'));
  `,
  BOOK_IN_PIECES,
  // Only a mark: the columns of a piece may be one text each from here on, which no version before this can read.
  "-- (nothing to change)",
];
