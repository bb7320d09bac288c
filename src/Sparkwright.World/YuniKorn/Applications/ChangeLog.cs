namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>What has changed about applications and their pods since it was last asked: what the memory must write. What is taken is in the order of names, and is noted no more.</summary>
internal sealed class ChangeLog
{
    private readonly HashSet<Application> applications = [];
    private readonly HashSet<PodTask> placeholders = [];
    private readonly HashSet<PodTask> members = [];

    public void Note(Application application) => applications.Add(application);

    public void Note(PodTask task) => (task.IsPlaceholder ? placeholders : members).Add(task);

    public IReadOnlyList<Application> TakeApplications()
    {
        var taken = applications.OrderBy(application => application.MemoryName, StringComparer.Ordinal).ToList();
        applications.Clear();
        return taken;
    }

    public IReadOnlyList<PodTask> TakePlaceholders() => Take(placeholders);

    /// <summary>The pods that are no placeholders.</summary>
    public IReadOnlyList<PodTask> TakeMembers() => Take(members);

    private static List<PodTask> Take(HashSet<PodTask> tasks)
    {
        var taken = tasks.OrderBy(task => task.Key).ThenBy(task => task.Uid, StringComparer.Ordinal).ToList();
        tasks.Clear();
        return taken;
    }
}
