import { NoRight } from "../../../../components/common/no-right.tsx";
import { app as t } from "../../../../lib/client/messages/app.ts";
import { fill } from "../../../../lib/client/messages/text.ts";
import { visitor } from "../../member.ts";

export default async function ApiKeysForbidden() {
  const { member } = await visitor();
  return (
    <NoRight
      title={t.apiKeysAreTheAdmins}
      why={fill(t.adminsSeeMakeAndRevoke, { role: member?.role ?? "" })}
    />
  );
}
