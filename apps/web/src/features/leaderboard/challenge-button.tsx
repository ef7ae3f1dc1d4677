import { isPassing, readFault } from "@cardinal/client/errors";
import { Zap } from "lucide-react";
import { useRef } from "react";
import { v4 as uuid } from "uuid";
import { Button } from "../../components/ui/button.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";

const POINTS = 25;

/** Gains points on a board. A press without an answer keeps its id: the next cannot count twice. */
export function ChallengeButton({ board }: { board: string }) {
  const operationId = useRef(uuid());
  const submit = trpc.leaderboard.submit.useMutation({
    onSuccess: () => {
      operationId.current = uuid();
    },
    onError: (error) => {
      if (!isPassing(readFault(error))) operationId.current = uuid();
    },
  });
  return (
    <div className="flex flex-col items-end gap-1">
      <Button
        look="primary"
        busy={submit.isPending}
        onClick={() => submit.mutate({ board, points: POINTS, operationId: operationId.current })}
      >
        <Zap aria-hidden="true" className="size-4" />
        Complete a challenge
      </Button>
      <p role="status" className="min-h-5 text-sm text-ink-soft">
        {submit.error && <span className="text-accent">{faultText(submit.error)}</span>}
        {submit.data && !submit.error && `+${POINTS} points, ${submit.data.score.toLocaleString()} in all`}
      </p>
    </div>
  );
}
