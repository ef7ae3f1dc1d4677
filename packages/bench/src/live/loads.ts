/** How many clients listen where, and how much is said. */
export interface Load {
  readonly name: string;
  readonly rooms: number;
  readonly clientsPerRoom: number;
  /** In all rooms together. */
  readonly messagesPerSecond: number;
}

/** Two thousand connections in fifty rooms. */
export const manyRooms: Load = { name: "50 rooms", rooms: 50, clientsPerRoom: 40, messagesPerSecond: 50 };
/** Four hundred in one. */
export const crowd: Load = { name: "400 in one", rooms: 1, clientsPerRoom: 400, messagesPerSecond: 60 };
/** Those who come back after a cut. */
export const returning: Load = { name: "returning", rooms: 1, clientsPerRoom: 100, messagesPerSecond: 0 };

export const loads = [manyRooms, crowd, returning] as const;
