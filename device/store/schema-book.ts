/** One of `MIGRATIONS`, in a file of its own for its length: the book's rows become pieces that can be signed. */
export const BOOK_IN_PIECES = `
  -- The book in pieces of some hundred entries; signed over revision, rules and the pieces' digests. Only a unit can
  -- sign: what is moved here has no signature until it was opened once.
  CREATE TABLE book_head (
    owner TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    -- JSON: what the owner decided beside the lists.
    rules TEXT NOT NULL,
    -- JSON: of each list the numbers of its pieces, in order.
    pieces TEXT NOT NULL,
    signature BLOB
  ) STRICT;
  CREATE TABLE book_piece (
    owner TEXT NOT NULL,
    list TEXT NOT NULL,
    number INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (owner, list, number)
  ) STRICT;

  INSERT INTO book_piece (owner, list, number, entries, content)
    SELECT owner, 'people', number, count(*), CAST(json_object(
      'id', json_group_array(id ORDER BY position),
      'name', json_group_array(name ORDER BY position),
      'aliases', json_group_array(json(aliases) ORDER BY position),
      'accounts', json_group_array(json(accounts) ORDER BY position),
      'numbers', json_group_array(json(numbers) ORDER BY position),
      'addresses', json_group_array(json(addresses) ORDER BY position),
      'grants', json_group_array(grants ORDER BY position),
      'hours', json_group_array(hours ORDER BY position)) AS BLOB)
    FROM (SELECT *, (row_number() OVER (PARTITION BY owner ORDER BY position) - 1) / 256 + 1 AS number FROM person)
    GROUP BY owner, number;
  INSERT INTO book_piece (owner, list, number, entries, content)
    SELECT owner, 'blocks', number, count(*), CAST(json_object(
      'kind', json_group_array(kind ORDER BY place),
      'target', json_group_array(target ORDER BY place)) AS BLOB)
    FROM (SELECT *, (row_number() OVER (PARTITION BY owner ORDER BY rowid) - 1) / 256 + 1 AS number, rowid AS place
      FROM block)
    GROUP BY owner, number;
  INSERT INTO book_piece (owner, list, number, entries, content)
    SELECT owner, 'deleted', number, count(*), CAST(json_object(
      'id', json_group_array(id ORDER BY id),
      'atMs', json_group_array(at_ms ORDER BY id),
      'blocked', json_group_array(blocked ORDER BY id),
      'accounts', json_group_array(json(accounts) ORDER BY id),
      'numbers', json_group_array(json(numbers) ORDER BY id),
      'addresses', json_group_array(json(addresses) ORDER BY id),
      'names', json_group_array(json(names) ORDER BY id)) AS BLOB)
    FROM (SELECT *, (row_number() OVER (PARTITION BY owner ORDER BY id) - 1) / 256 + 1 AS number FROM deleted)
    GROUP BY owner, number;
  INSERT INTO book_head (owner, revision, rules, pieces)
    SELECT owner, revision, json_object(
      'calling', calling, 'unknown', unknown, 'kids', json(CASE kids WHEN 1 THEN 'true' ELSE 'false' END),
      'evidence', evidence, 'unverifiedOrigin', unverified_origin,
      'region', region, 'timeZone', time_zone, 'quietHours', json(quiet_hours)),
      json_object(
        'people', (SELECT json_group_array(number ORDER BY number) FROM book_piece AS p
          WHERE p.owner = book.owner AND list = 'people'),
        'blocks', (SELECT json_group_array(number ORDER BY number) FROM book_piece AS p
          WHERE p.owner = book.owner AND list = 'blocks'),
        'deleted', (SELECT json_group_array(number ORDER BY number) FROM book_piece AS p
          WHERE p.owner = book.owner AND list = 'deleted'))
    FROM book;
  DROP TABLE deleted;
  DROP TABLE block;
  DROP TABLE person;
  DROP TABLE book;
  `;
