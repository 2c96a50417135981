export default function ScenariosPage() {
  return null;
}
