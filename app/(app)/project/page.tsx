import { redirect } from "next/navigation";

export default function ProjectPage() {
  redirect("/project/development/agents");
}
