import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, InputNumber, Modal, Select } from "antd";
import { client, unwrap } from "../../api/client";
import { Problem } from "../../api/problem";
import { peopleQuery, sitesQuery, skillsQuery, teamsQuery } from "../../api/queries";
import { useFrame } from "../../app/frame";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";

interface Values {
  number: string;
  name: string;
  email?: string;
  site: string;
  team: string;
  tier: "junior" | "middle" | "expert";
  from: string;
  skills?: string[];
  proficiency: number;
  clients?: string[];
  hours?: number;
  cost?: number;
}

const TIERS = ["junior", "middle", "expert"] as const;

/** One agent with team, skills, clients and contract hours. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const t = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { clients, clientId } = useFrame();
  const sites = useQuery(sitesQuery).data ?? [];
  const teams = useQuery(teamsQuery).data ?? [];
  const skills = useQuery(skillsQuery).data ?? [];
  const [form] = Form.useForm<Values>();
  const site = Form.useWatch("site", form);
  const add = useMutation({
    mutationFn: (v: Values) =>
      unwrap(
        client.POST("/api/v1/people", {
          body: {
            number: v.number,
            name: v.name,
            email: v.email,
            site_id: v.site,
            team_id: v.team,
            tier: v.tier,
            from: v.from,
            skills: (v.skills ?? []).map((id) => ({ skill_id: id, proficiency: v.proficiency })),
            clients: v.clients ?? [],
            ...(v.hours && {
              weekly_minutes: Math.round(v.hours * 60),
              hourly_cost: String(v.cost ?? 0),
              currency: clients.find((c) => c.id === v.clients?.[0])?.currency ?? clients[0]?.currency,
            }),
          },
        }),
      ),
    onSuccess: async (_, v) => {
      void message.success(t("screen.people.added", { name: v.name }));
      await queries.invalidateQueries({ queryKey: peopleQuery.queryKey });
      onClose();
    },
  });
  const needed = [{ required: true, message: t("screen.contract.required") }];
  const named = (list: { id: string; name: string }[]) => list.map((v) => ({ value: v.id, label: v.name }));
  return (
    <Modal
      open
      title={t("screen.people.add")}
      okText={t("screen.people.add")}
      okButtonProps={{ loading: add.isPending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {add.error && (
        <Alert type="error" showIcon role="alert" message={problemText(t, Problem.of(add.error))} />
      )}
      <Form
        form={form}
        layout="vertical"
        size="small"
        onFinish={(v) => add.mutate(v)}
        initialValues={{
          tier: "junior",
          proficiency: 60,
          hours: 40,
          from: new Date().toISOString().slice(0, 10),
          clients: clientId ? [clientId] : [],
          site: sites.length === 1 ? sites[0]!.id : undefined,
        }}
      >
        <div className="person-row">
          <Form.Item name="number" label={t("screen.people.number")} rules={needed}>
            <Input maxLength={60} autoFocus />
          </Form.Item>
          <Form.Item name="name" label={t("screen.people.name")} rules={needed}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="email" label={t("screen.people.email")}>
            <Input type="email" maxLength={200} />
          </Form.Item>
          <Form.Item name="from" label={t("screen.people.first_day")} rules={needed}>
            <Input type="date" />
          </Form.Item>
          <Form.Item name="site" label={t("screen.people.site")} rules={needed}>
            <Select options={named(sites)} onChange={() => form.setFieldValue("team", undefined)} />
          </Form.Item>
          <Form.Item name="team" label={t("screen.people.team")} rules={needed}>
            <Select options={named(teams.filter((v) => v.site_id === site))} disabled={!site} />
          </Form.Item>
          <Form.Item name="tier" label={t("screen.people.tier")} rules={needed}>
            <Select options={TIERS.map((v) => ({ value: v, label: t(`screen.tier.${v}`) }))} />
          </Form.Item>
          <Form.Item name="proficiency" label={t("screen.people.proficiency")} rules={needed}>
            <InputNumber min={1} max={100} />
          </Form.Item>
          <Form.Item name="hours" label={t("screen.people.weekly_hours")}>
            <InputNumber min={0} max={84} step={0.5} />
          </Form.Item>
          <Form.Item name="cost" label={t("screen.people.hourly_cost")}>
            <InputNumber min={0} />
          </Form.Item>
        </div>
        <Form.Item name="skills" label={t("screen.people.skills")}>
          <Select mode="multiple" options={named(skills)} />
        </Form.Item>
        <Form.Item name="clients" label={t("screen.group.clients")}>
          <Select mode="multiple" options={named(clients)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
