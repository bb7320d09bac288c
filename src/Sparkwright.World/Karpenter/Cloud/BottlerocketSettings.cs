using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Bottlerocket's user data: the user's TOML, with Karpenter's settings put into the tables where they belong.</summary>
internal sealed class BottlerocketSettings
{
    private const string Kubernetes = "settings.kubernetes";

    /// <summary>Tables in the order in which they were first named, each with its lines; what no table precedes is under the empty name.</summary>
    private readonly List<(string Table, List<string> Lines)> tables = [];

    private BottlerocketSettings(string given)
    {
        var lines = TableOf("");
        foreach (var line in given.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            if (line.TrimStart() is ['[', .. var name, ']'] && !name.StartsWith('['))
            {
                lines = TableOf(name.Replace("\"", "", StringComparison.Ordinal).Trim());
            }
            else
            {
                lines.Add(line);
            }
        }
    }

    public static string Merge(string? given, KarpenterSettings settings, TreeMap kubelet, NodeRegistration registration)
    {
        var merged = new BottlerocketSettings(given ?? "");
        merged.Set(Kubernetes, "api-server", settings.ClusterEndpoint.Length == 0 ? null : Quote(settings.ClusterEndpoint));
        merged.Set(Kubernetes, "cluster-name", Quote(settings.ClusterName));
        merged.Set(Kubernetes, "max-pods", kubelet["maxPods"]?.ToString());
        foreach (var (field, table) in new[] { ("systemReserved", "system-reserved"), ("kubeReserved", "kube-reserved"), ("evictionHard", "eviction-hard") })
        {
            foreach (var (key, value) in (kubelet[field] as TreeMap ?? TreeMap.Empty).Members())
            {
                merged.Set($"{Kubernetes}.{table}", Quote(key), Quote(value.Text ?? value.ToString()));
            }
        }

        foreach (var (key, value) in registration.Labels.Members())
        {
            merged.Set($"{Kubernetes}.node-labels", Quote(key), Quote(value.Text ?? ""));
        }

        foreach (var taint in registration.Taints.GroupBy(taint => taint.Key, StringComparer.Ordinal))
        {
            merged.Set($"{Kubernetes}.node-taints", Quote(taint.Key), $"[{string.Join(", ", taint.Select(one => Quote($"{one.Value}:{one.Effect}")))}]");
        }

        return merged.Print();
    }

    private List<string> TableOf(string name)
    {
        var at = tables.FindIndex(table => table.Table == name);
        if (at < 0)
        {
            at = tables.Count;
            tables.Add((name, []));
        }

        return tables[at].Lines;
    }

    private void Set(string table, string key, string? value)
    {
        if (value is null)
        {
            return;
        }

        var lines = TableOf(table);
        lines.RemoveAll(line => line.Split('=', 2) is [var known, _] && known.Trim().Trim('"', '\'') == key.Trim('\''));
        lines.Add($"{key} = {value}");
    }

    private string Print()
    {
        var text = new StringBuilder();
        foreach (var (table, lines) in tables.Where(table => table.Table.Length > 0 || table.Lines.Count > 0))
        {
            if (table.Length > 0)
            {
                text.Append('[').Append(table).Append("]\n");
            }

            foreach (var line in lines)
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Quote(string text) => $"'{text}'";
}
