/**
 * Says that this device is offline, above everything at the foot of the page, so that nothing moves. Used by the frame; the live view has a
 * line of its own. Whether the server can be reached is for each request to find out.
 */
import { type ReactElement, useSyncExternalStore } from "react";

function subscribe(onChange: () => void): () => void {
  addEventListener("online", onChange);
  addEventListener("offline", onChange);
  return () => {
    removeEventListener("online", onChange);
    removeEventListener("offline", onChange);
  };
}

export function OfflineNote(): ReactElement {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-4 z-20 flex justify-center px-4">
      {online ? null : (
        <div className="pop overflow-hidden">
          <p className="bg-warn-soft px-4 py-2 text-2 text-warn">
            <strong className="font-medium">Offline.</strong> What you see is as it was loaded; it catches up when the
            connection is back.
          </p>
        </div>
      )}
    </div>
  );
}
