/** Edits that the server computes and the page makes at once: mirrored ones, and by the tree. */

import type { Payload } from "../domain/operations";
import type { Session } from "./session";

/**
 * Asks for an edit and makes it as one gesture. Resolves to what to tell, or null.
 *
 * @param ask tool and what it needs.
 * @param nothing what to tell when the server has nothing to do.
 */
export async function commitComputed(
  session: Session,
  ask: { readonly tool: string; readonly group?: number; readonly count?: number },
  nothing: string,
): Promise<string | null> {
  const { document } = session.view;
  const before = document.current;
  const { operations = [] } = await session.compute(ask);
  if (document.current !== before) return "The object was changed meanwhile; ask again.";
  if (operations.length === 0) return nothing;
  document.commit(
    operations.map(({ id: _id, at: _at, tool: _tool, ...payload }) => payload as Payload),
    ask.tool,
  );
  return null;
}
