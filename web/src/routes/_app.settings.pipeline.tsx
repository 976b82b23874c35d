/** Settings, the pipeline's health. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { PipelinePage } from "../settings/pipeline-page.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/settings/pipeline")({ component: Pipeline });

function Pipeline(): ReactElement {
  useTitle("Pipeline");
  return <PipelinePage />;
}
