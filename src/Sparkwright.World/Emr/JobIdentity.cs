using System.Numerics;
using System.Text;

namespace Sparkwright.World.Emr;

/// <summary>The Kubernetes names by which a job execution role acts in a namespace.</summary>
/// <param name="Account">The twelve digits of the role's account.</param>
/// <param name="RoleName">The role's name, without its path.</param>
public sealed record JobIdentity(string Account, string RoleName)
{
    /// <summary>The role name's bytes as one big-endian number, written in base 36.</summary>
    public string EncodedRole => Base36(RoleName);

    public string SubmitterAccount => ServiceAccount("client");

    public string DriverAccount => ServiceAccount("driver");

    public string ExecutorAccount => ServiceAccount("executor");

    /// <summary>The subject that the role's trust policy must admit.</summary>
    public string TrustedSubject(string @namespace) => $"system:serviceaccount:{@namespace}:emr-containers-sa-*-*-{Account}-{EncodedRole}";

    /// <param name="component"><c>client</c>, <c>driver</c> or <c>executor</c>.</param>
    public string ServiceAccount(string component) => $"emr-containers-sa-spark-{component}-{Account}-{EncodedRole}";

    public string RoleBinding(string component) => $"emr-containers-rb-spark-{component}-{Account}-{EncodedRole}";

    public static string KubernetesRole(string component) => $"emr-containers-role-spark-{component}";

    /// <summary>Reads account and name out of a role's ARN; null when it is none.</summary>
    public static JobIdentity? OfRoleArn(string arn)
    {
        var parts = arn.Split(':', 6);
        if (parts.Length != 6 || parts[0] != "arn" || parts[2] != "iam" || !parts[5].StartsWith("role/", StringComparison.Ordinal))
        {
            return null;
        }

        return new JobIdentity(parts[4], parts[5][(parts[5].LastIndexOf('/') + 1)..]);
    }

    public static string Base36(string name)
    {
        const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
        var number = new BigInteger(Encoding.UTF8.GetBytes(name), isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        while (!number.IsZero)
        {
            number = BigInteger.DivRem(number, Digits.Length, out var digit);
            text.Insert(0, Digits[(int)digit]);
        }

        return text.ToString();
    }
}
