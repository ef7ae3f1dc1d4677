import type { RoomMembers, RoomView as Room } from "@cardinal/api/schemas";

type Member = RoomMembers["members"][number];

/** As the server ranks them: who stands higher may act against who stands lower. */
export function rankOf(roomRole: Room["role"], siteRole: Member["role"]): number {
  if (roomRole === "owner") return 3;
  if (siteRole === "admin") return 2;
  return roomRole === "moderator" ? 1 : 0;
}
