/** The package brings no types. aedes itself takes a persistence as `any`. */
declare module "aedes-persistence-level" {
  function levelPersistence(db: unknown): {
    addSubscriptions(client: { id: string }, subscriptions: readonly { topic: string }[]): Promise<void>;
  };
  export = levelPersistence;
}
