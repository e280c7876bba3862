/** The package brings no types. aedes itself takes a persistence as `any`. */
declare module "aedes-persistence-level" {
  function levelPersistence(db: unknown): object;
  export = levelPersistence;
}
