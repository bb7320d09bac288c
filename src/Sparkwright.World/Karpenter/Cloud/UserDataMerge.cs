using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>The user data of a node: what the user gave, and Karpenter's own bootstrap as the last part.</summary>
public static class UserDataMerge
{
    private const string Boundary = "//";
    private const string Script = "Content-Type: text/x-shellscript; charset=\"us-ascii\"\n\n";
    private const string NodeConfig = "Content-Type: application/node.eks.aws\n\n";

    /// <summary>In the form of the image's family: MIME with a bootstrap script or a NodeConfig, TOML, or untouched.</summary>
    public static string Of(BootSettings boot, string? given) => boot.Family switch
    {
        "Custom" => given ?? "",
        "Bottlerocket" => BottlerocketSettings.Merge(given, boot.Settings, boot.Kubelet, boot.Registration),
        "AL2023" => Mime(given, NodeConfig + NodeConfigOf(boot)),
        _ => Mime(given, Script + BootstrapOf(boot)),
    };

    private static string Mime(string? given, string ours)
    {
        var text = new StringBuilder("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"").Append(Boundary).Append("\"\n\n");
        foreach (var part in Parts(given))
        {
            text.Append("--").Append(Boundary).Append('\n').Append(part.Trim('\n')).Append("\n\n");
        }

        return text.Append("--").Append(Boundary).Append('\n').Append(ours).Append("\n--").Append(Boundary).Append("--\n").ToString();
    }

    private static string BootstrapOf(BootSettings boot)
    {
        var taints = string.Join(',', boot.Registration.Taints.Select(taint => $"{taint.Key}={taint.Value}:{taint.Effect}"));
        var kubelet = KubeletArguments.CommandLine(boot.Kubelet);
        return new StringBuilder("#!/bin/bash -xe\n/etc/eks/bootstrap.sh '").Append(boot.Settings.ClusterName).Append('\'')
            .Append(boot.IsLegacy ? " --container-runtime containerd" : "")
            .Append(boot.UsesInstanceStore ? " --local-disks raid0" : "")
            .Append(boot.Kubelet["maxPods"] is null && boot.Settings.EniLimitedPodDensity ? "" : " --use-max-pods false")
            .Append(" --kubelet-extra-args '--node-labels=").Append(LabelsOf(boot))
            .Append(taints.Length == 0 ? "" : $" --register-with-taints={taints}")
            .Append(kubelet.Length == 0 ? "" : " " + kubelet).Append("'\n").ToString();
    }

    /// <summary>What nodeadm reads; JSON is YAML as well.</summary>
    private static string NodeConfigOf(BootSettings boot) => TreeMap.Of(
        ("apiVersion", "node.eks.aws/v1alpha1"),
        ("kind", "NodeConfig"),
        ("spec", TreeMap.Of(
            ("cluster", TreeMap.Of(
                ("apiServerEndpoint", boot.Settings.ClusterEndpoint.Length == 0 ? null : boot.Settings.ClusterEndpoint),
                ("name", boot.Settings.ClusterName))),
            ("instance", boot.UsesInstanceStore ? TreeMap.Of(("localStorage", TreeMap.Of(("strategy", "RAID0")))) : null),
            ("kubelet", TreeMap.Of(
                ("config", KubeletArguments.Configuration(boot.Kubelet, boot.Registration, boot.Settings)),
                ("flags", TreeList.Of($"--node-labels=\"{LabelsOf(boot)}\"")))))))
        + "\n";

    private static string LabelsOf(BootSettings boot) => string.Join(',', boot.Registration.Labels.Members().Select(label => $"{label.Key}={label.Value.Text}"));

    /// <summary>The parts of a MIME document, headers included; a plain script is one part, and so is a plain NodeConfig.</summary>
    private static IEnumerable<string> Parts(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            yield break;
        }

        var at = given.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            yield return (given.Contains("node.eks.aws/", StringComparison.Ordinal) && !given.StartsWith("#!", StringComparison.Ordinal) ? NodeConfig : Script) + given;
            yield break;
        }

        var boundary = "--" + given[(at + 9)..].Split('\n')[0].Trim().Trim('"', ';');
        foreach (var part in given.Split(boundary).Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal)))
        {
            yield return part;
        }
    }
}

/// <summary>What a new machine must be told to join the cluster.</summary>
public sealed record BootSettings
{
    /// <summary>AL2, AL2023, Bottlerocket, Ubuntu or Custom.</summary>
    public required string Family { get; init; }

    public required KarpenterSettings Settings { get; init; }

    public required NodeRegistration Registration { get; init; }

    /// <summary>The kubelet's settings as the pool or its class has them.</summary>
    public TreeMap Kubelet { get; init; } = TreeMap.Empty;

    public bool UsesInstanceStore { get; init; }

    /// <summary>Karpenter 0.2x still names the container runtime.</summary>
    public bool IsLegacy { get; init; }
}
