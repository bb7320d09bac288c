using System.Runtime.Versioning;

namespace Sparkwright.Server.AwsApi;

/// <summary>
/// A program called aws that stands first in the PATH and adds the endpoint to whichever aws comes next: versions before 2.13 do not look at
/// AWS_ENDPOINT_URL.
/// </summary>
internal static class AwsShim
{
    /// <summary>Writes it, and answers its folder.</summary>
    public static string Write(string dataDirectory, Uri endpoint)
    {
        var folder = Path.Combine(dataDirectory, "bin");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "aws");
        File.WriteAllText(file, Script.Replace("ENDPOINT", endpoint.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal).ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            MakeExecutable(file);
        }

        return folder;
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakeExecutable(string file) =>
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>The command that changes a role's trust speaks to IAM by an option of its own.</summary>
    private const string Script = """
        #!/bin/sh
        # Sparkwright: the next aws of the PATH, with the simulated account's endpoint.
        here=$(cd "$(dirname "$0")" && pwd)
        saved=$IFS
        IFS=:
        for folder in $PATH; do
            if [ "$folder" != "$here" ] && [ -x "$folder/aws" ] && [ ! -d "$folder/aws" ]; then
                IFS=$saved
                if [ "$1 $2" = "emr-containers update-role-trust-policy" ]; then
                    exec "$folder/aws" --endpoint-url ENDPOINT "$@" --iam-endpoint ENDPOINT
                fi
                exec "$folder/aws" --endpoint-url ENDPOINT "$@"
            fi
        done
        echo "sparkwright: there is no aws in the PATH; install the AWS CLI" >&2
        exit 127

        """;
}
