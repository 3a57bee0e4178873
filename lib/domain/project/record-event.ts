/** A record that was made, changed or deleted: what triggers look at. */
export interface RecordEvent {
  entityType: string;
  entityId: string;
  action: "created" | "updated" | "deleted";
  /** The record's data as it is now, or, once deleted, as it was last. */
  data: Readonly<Record<string, unknown>>;
  /** The data before an update. */
  previousData?: Readonly<Record<string, unknown>>;
}
