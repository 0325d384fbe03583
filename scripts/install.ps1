# Installs Muster's programs as tasks that Windows starts and restarts, from a folder that `deno task build --target windows-x64` made.
# Run it in a PowerShell with administrator's rights. Settings in C:\ProgramData\Muster are never overwritten.
# Not tested on Windows yet: docs/platforms.md says what is known.
[CmdletBinding(SupportsShouldProcess)]
param(
  [ValidateSet('controller', 'agent', 'both')] [string] $Role = 'both',
  [string] $From = $PSScriptRoot,
  [string] $Prefix = "$env:ProgramFiles\Muster",
  [string] $Controller = '',
  [string] $HostAddress = '127.0.0.1',
  [string] $TokenFile = '',
  [switch] $Insecure,
  [switch] $Rollback,
  [switch] $Uninstall
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Settings = "$env:ProgramData\Muster"
$Services = if ($Role -eq 'both') { 'controller', 'agent' } else { , $Role }
$Programs = @($Services) + @(if ($Services -contains 'agent') { 'payload' })

function Install-All {
  Test-Sums
  $Services | ForEach-Object { Stop-Muster $_ }
  $Programs | ForEach-Object { Install-Program "$_.exe" }
  Write-Token
  $Services | ForEach-Object { Write-Settings $_; Register-Muster $_; Start-Muster $_ }
  if ($Services -contains 'agent') { Write-Output 'The agent was started; controller.exe node ls shows whether it joined.' }
}

function Test-Sums {
  $sums = @{}
  Get-Content (Join-Path $From 'SHA256SUMS') | ForEach-Object { $sum, $file = $_ -split '\s+'; $sums[$file] = $sum }
  foreach ($program in $Programs) {
    $found = (Get-FileHash (Join-Path $From "$program.exe") -Algorithm SHA256).Hash
    if ($sums["$program.exe"] -ne $found) { throw "Cannot install: $program.exe is not the file that SHA256SUMS names" }
  }
}

function Install-Program([string] $file) {
  $target = Join-Path $Prefix $file
  if (-not $PSCmdlet.ShouldProcess($target, 'install')) { return }
  New-Item -ItemType Directory -Force $Prefix | Out-Null
  if (Test-Path $target) { Move-Item -Force $target "$target.former" }
  Copy-Item (Join-Path $From $file) $target
}

# One token for both, readable for administrators and the system only.
function Write-Token {
  $path = Join-Path $Settings 'token'
  if ($Insecure -or (Test-Path $path)) { return }
  if (-not $PSCmdlet.ShouldProcess($path, 'write')) { return }
  if ($Services -notcontains 'controller' -and -not $TokenFile) { throw 'Give -TokenFile, or -Insecure for a lab' }
  New-Item -ItemType Directory -Force $Settings | Out-Null
  $bytes = New-Object byte[] 32
  [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
  $token = if ($TokenFile) { (Get-Content -Raw $TokenFile).Trim() } else { -join ($bytes | ForEach-Object { $_.ToString('x2') }) }
  Set-Content -NoNewline -Path $path -Value $token
  icacls $path /inheritance:r /grant 'SYSTEM:R' 'Administrators:F' | Out-Null
}

function Write-Settings([string] $name) {
  $path = Join-Path $Settings "$name.yaml"
  if (Test-Path $path) { Write-Output "Keep $path"; return }
  if (-not $PSCmdlet.ShouldProcess($path, 'write')) { return }
  New-Item -ItemType Directory -Force (Join-Path $Settings $name) | Out-Null
  $lines = @("host: $HostAddress", "data: '$(Join-Path $Settings $name)'")
  $lines += if ($Insecure) { 'insecure: true' } else { "token-file: '$(Join-Path $Settings 'token')'" }
  $url = if ($Controller) { $Controller } elseif ($Role -eq 'both') { "http://${HostAddress}:8000" } else { '' }
  if ($name -eq 'agent' -and $url) { $lines += "controller: $url" }
  Set-Content -Path $path -Value $lines
}

# Muster's programs don't speak the protocol of Windows services: a task that starts with the system keeps them running.
function Register-Muster([string] $name) {
  if (-not $PSCmdlet.ShouldProcess("muster-$name", 'register')) { return }
  $arguments = "--config-file `"$(Join-Path $Settings "$name.yaml")`""
  $action = New-ScheduledTaskAction -Execute (Join-Path $Prefix "$name.exe") -Argument $arguments
  $always = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
    -ExecutionTimeLimit ([TimeSpan]::Zero)
  $system = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
  Register-ScheduledTask -Force -TaskName "muster-$name" -Action $action -Settings $always -Principal $system `
    -Trigger (New-ScheduledTaskTrigger -AtStartup) | Out-Null
}

function Start-Muster([string] $name) {
  if ($PSCmdlet.ShouldProcess("muster-$name", 'start')) { Start-ScheduledTask -TaskName "muster-$name" }
}

function Stop-Muster([string] $name) {
  if (-not (Get-ScheduledTask -TaskName "muster-$name" -ErrorAction SilentlyContinue)) { return }
  if ($PSCmdlet.ShouldProcess("muster-$name", 'stop')) { Stop-ScheduledTask -TaskName "muster-$name" }
}

function Restore-Former {
  $Services | ForEach-Object { Stop-Muster $_ }
  foreach ($program in $Programs) {
    $target = Join-Path $Prefix "$program.exe"
    if (-not (Test-Path "$target.former")) { throw "Cannot roll back: there is no $target.former" }
    if (-not $PSCmdlet.ShouldProcess($target, 'put the former one back')) { continue }
    Move-Item -Force $target "$target.new"
    Move-Item -Force "$target.former" $target
    Move-Item -Force "$target.new" "$target.former"
  }
  $Services | ForEach-Object { Start-Muster $_ }
}

function Remove-All {
  foreach ($name in $Services) {
    Stop-Muster $name
    if ($PSCmdlet.ShouldProcess("muster-$name", 'remove')) {
      Unregister-ScheduledTask -TaskName "muster-$name" -Confirm:$false -ErrorAction SilentlyContinue
    }
  }
  foreach ($program in $Programs) {
    if ($PSCmdlet.ShouldProcess("$program.exe", 'remove')) {
      Remove-Item -Force -ErrorAction SilentlyContinue (Join-Path $Prefix "$program.exe*")
    }
  }
  Write-Output "Settings and state in $Settings stay; replicas that still run are left alone."
}

if ($Uninstall) { Remove-All } elseif ($Rollback) { Restore-Former } else { Install-All }
