using System.Text;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>The user data of a node: what the user gave, and Karpenter's own bootstrap as the last part.</summary>
public static class UserDataMerge
{
    private const string Boundary = "//";

    public static string Of(string family, string? given, string clusterName, NodeRegistration registration) => family switch
    {
        "Custom" => given ?? "",
        "Bottlerocket" => Bottlerocket(given, clusterName),
        _ => Mime(given, clusterName, registration),
    };

    private static string Mime(string? given, string clusterName, NodeRegistration registration)
    {
        var text = new StringBuilder("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"").Append(Boundary).Append("\"\n\n");
        foreach (var part in Parts(given))
        {
            text.Append("--").Append(Boundary).Append('\n').Append(part.Trim('\n')).Append("\n\n");
        }

        var labels = string.Join(',', registration.Labels.Members().Select(label => $"{label.Key}={label.Value.Text}"));
        var taints = string.Join(',', registration.Taints.Select(taint => $"{taint.Key}={taint.Value}:{taint.Effect}"));
        return text.Append("--").Append(Boundary).Append("\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\n\n#!/bin/bash -xe\n")
            .Append("/etc/eks/bootstrap.sh '").Append(clusterName).Append("' --container-runtime containerd --kubelet-extra-args '--node-labels=")
            .Append(labels).Append(taints.Length == 0 ? "" : $" --register-with-taints={taints}").Append("'\n\n--").Append(Boundary).Append("--\n")
            .ToString();
    }

    /// <summary>The parts of a MIME document, headers included; a plain script is one part.</summary>
    private static IEnumerable<string> Parts(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            yield break;
        }

        var at = given.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            yield return "Content-Type: text/x-shellscript; charset=\"us-ascii\"\n\n" + given;
            yield break;
        }

        var boundary = "--" + given[(at + 9)..].Split('\n')[0].Trim().Trim('"', ';');
        foreach (var part in given.Split(boundary).Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal)))
        {
            yield return part;
        }
    }

    private static string Bottlerocket(string? given, string clusterName) =>
        $"{given?.TrimEnd()}\n[settings.kubernetes]\ncluster-name = '{clusterName}'\n".TrimStart('\n');
}
