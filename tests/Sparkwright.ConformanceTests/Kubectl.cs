namespace Sparkwright.ConformanceTests;

/// <summary>
/// The real kubectl in every version there is: those named by KUBECTL, as the PATH names folders, or else the first of the PATH, and those that lie
/// beside it as <c>kubectl.1.NN</c>.
/// </summary>
internal static class Kubectl
{
    /// <summary>The programs, each once; empty where there is none.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>Those of which everything is asked: the ones that KUBECTL names or else the first of the PATH, and the newest of those beside it.</summary>
    public static bool IsWhole(string program) => Programs.ToList().IndexOf(program) is var at && (at < Math.Max(1, Named.Length) || at == Programs.Count - 1);

    // An editor that changes nothing, as kubectl starts one.
    public static Task<(int Code, string Output)> Run(string program, string kubeconfig, IEnumerable<string> arguments, string? input = null) =>
        Client.Run(program, arguments, new() { ["KUBECONFIG"] = kubeconfig, ["KUBE_EDITOR"] = "true" }, input);

    private static string[] Named => (Environment.GetEnvironmentVariable("KUBECTL") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static List<string> Find()
    {
        var named = Named;
        var first = named.FirstOrDefault() ?? Client.Find("kubectl");
        if (first is null)
        {
            return [];
        }

        // A dispatcher chooses by the server's version; its versions lie beside what its link points to.
        var real = File.ResolveLinkTarget(first, returnFinalTarget: true)?.FullName ?? first;
        var path = Client.FindAll("kubectl")
            .Select(found => File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found);
        var versions = path.Append(real).Select(program => Path.GetDirectoryName(program)!).Distinct(StringComparer.Ordinal)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "kubectl.1.*")).Where(program => program != first).DistinctBy(Path.GetFileName).Order(StringComparer.Ordinal);
        return [first, .. named.Skip(1), .. versions];
    }
}
